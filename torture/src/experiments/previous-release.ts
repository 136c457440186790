import { execFile, spawn } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Impossible, type Options, type Result } from '../experiment.ts'

export const promise = "The previous release works on this release's schema: its own tests pass there."
export const sabotage = 'a column that it reads has been renamed by a further migration'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const MIGRATIONS = join('packages', 'db', 'migrations')
/** What calls the database as the service does; of schema.sql each release has its own. */
const SIZES = { short: ['apps/api/src/first.db.test.ts'], long: ['apps/api/src'] }

/** TASKWIRE_PREVIOUS names another commit than the newest tag's. */
export async function run({ size, saboteur = false, say }: Options): Promise<Result> {
  const previous = process.env['TASKWIRE_PREVIOUS'] ?? (await newestTag())
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-previous-'))
  const tree = join(directory, 'tree')
  await git('worktree', 'add', '--detach', tree, previous)
  try {
    say(`the tests of ${previous} on the migrations of this release`)
    await cp(join(root, MIGRATIONS), join(tree, MIGRATIONS), { recursive: true })
    if (saboteur) await cp(new URL('../sabotage/', import.meta.url), join(tree, MIGRATIONS), { recursive: true })
    await mustRun(tree, 'npm', ['run', '-s', 'setup'])
    const { code, said } = await runIn(tree, join('node_modules', '.bin', 'vitest'), [
      'run',
      '--project',
      'db',
      ...SIZES[size],
    ])
    const summary = /^\s+Tests\s+(\d.*)$/m.exec(said)?.[1] ?? 'none'
    return {
      figures: { 'previous release': previous, tests: summary },
      red: code === 0 ? [] : [`its tests failed: ${said.slice(-3000)}`],
    }
  } finally {
    await git('worktree', 'remove', '--force', tree)
    await rm(directory, { recursive: true, force: true })
  }
}

async function git(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', args, { cwd: root })
  return stdout.trim()
}

async function newestTag(): Promise<string> {
  const tag = await git('tag', '--list', 'v*', '--sort=-v:refname').catch(() => '')
  const [newest = ''] = tag.split('\n')
  if (newest === '') throw new Impossible('there is no tag v*, and so no release before this one')
  return newest
}

async function mustRun(cwd: string, program: string, args: string[]): Promise<void> {
  const { code, said } = await runIn(cwd, program, args)
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${said.slice(-2000)}`)
}

async function runIn(cwd: string, program: string, args: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(program, args, { cwd, env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await once(child, 'close')
  return { code: child.exitCode, said }
}
