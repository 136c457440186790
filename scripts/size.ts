// `npm run size` prints the size of packages/ and apps/; `npm run size -- <commit>` compares it with another commit.
// With --check, prints only what is over a limit, and then exits with 1.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ninthDecile, readSourceFiles, type SourceFile } from './source-files.ts'

const MAX_LINES = 250
const MAX_NINTH_DECILE = 150
/** Files that may be longer, each with its reason. */
const LONGER: Record<string, string> = {}

const root = join(import.meta.dirname, '..')

function readCommit(commit: string): SourceFile[] {
  const directory = mkdtempSync(join(tmpdir(), 'taskwire-size-'))
  try {
    const archive = execFileSync('git', ['archive', commit, 'packages', 'apps'], { cwd: root, maxBuffer: 2 ** 30 })
    execFileSync('tar', ['-x', '-C', directory], { input: archive })
    return readSourceFiles(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

interface Size {
  readonly tokens: number
  readonly files: number
  readonly 'p90 lines': number
  readonly 'max lines': number
}

/** Counts only code, without tests, except for `max lines`. */
function sizeOf(files: readonly SourceFile[]): Size {
  const code = files.filter((file) => !file.isTest)
  return {
    tokens: code.reduce((sum, file) => sum + file.tokens, 0),
    files: code.length,
    'p90 lines': ninthDecile(code),
    'max lines': Math.max(0, ...files.map((file) => file.lines)),
  }
}

function sizes(files: readonly SourceFile[]): Record<string, Size> {
  const packages = Map.groupBy(files, (file) => file.package)
  const each = [...packages].map(([name, own]): [string, Size] => [name, sizeOf(own)])
  return { ...Object.fromEntries(each), total: sizeOf(files) }
}

function printSizes(commit: string | undefined): void {
  const now = sizes(readSourceFiles(root))
  if (commit === undefined) {
    console.table(now)
    return
  }
  const then = sizes(readCommit(commit))
  const none = sizeOf([])
  const names = Object.keys({ ...then, ...now }).toSorted((a, b) => Number(a === 'total') - Number(b === 'total'))
  const rows = names.map((name) => {
    const size = now[name] ?? none
    const before = then[name]?.tokens ?? 0
    return [name, { ...size, [`tokens of ${commit}`]: before, change: size.tokens - before }]
  })
  console.table(Object.fromEntries(rows))
}

function check(): void {
  const files = readSourceFiles(root)
  const problems = files
    .filter((file) => file.lines > MAX_LINES && LONGER[file.path] === undefined)
    .map((file) => `${file.path} has ${file.lines} lines. Maximum allowed is ${MAX_LINES}.`)
  // Without tests, which are mostly lists of cases.
  const decile = ninthDecile(files.filter((file) => !file.isTest))
  if (decile >= MAX_NINTH_DECILE)
    problems.push(`One file of code in ten has ${decile} lines or more. Maximum allowed is ${MAX_NINTH_DECILE - 1}.`)
  for (const path of Object.keys(LONGER))
    if (!files.some((file) => file.path === path && file.lines > MAX_LINES))
      problems.push(`${path} needs no exception any more: remove it from scripts/size.ts.`)
  if (problems.length === 0) return
  console.error(problems.join('\n'))
  process.exitCode = 1
}

const argument = process.argv[2]
if (argument === '--check') check()
else printSizes(argument)
