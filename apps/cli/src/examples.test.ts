/** Checks the command lines in help, messages and docs against the program. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { createRun } from './command.ts'
import { createProgram } from './program.ts'
import { createSink, openTerminal } from './testing/terminal.ts'

const root = join(import.meta.dirname, '../../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Creates the program with commands that are parsed but not run. */
function createParser(): { program: Command; parse(words: readonly string[]): Promise<string> } {
  const err = createSink()
  const io = { env: {}, cwd: '/', stdin: Readable.from([]), out: createSink().output, err: err.output }
  const program = createProgram(createRun({ ...io, now: () => new Date(), timeZone: 'UTC' }))
  let called = ''
  const withSilentActions = (command: Command, path: string): void => {
    if (command.commands.length === 0) command.action(() => void (called = path))
    for (const each of command.commands) withSilentActions(each, `${path} ${each.name()}`.trim())
  }
  withSilentActions(program, '')
  return {
    program,
    async parse(words) {
      await program.parseAsync(words, { from: 'user' }).catch(() => {
        throw new Error(`taskwire ${words.join(' ')}: ${err.text}`)
      })
      return called
    },
  }
}

const pathsOf = (command: Command, path = ''): string[] =>
  command.commands.flatMap((each) => {
    const own = `${path} ${each.name()}`.trim()
    return [own, ...pathsOf(each, own)]
  })
const paths = pathsOf(createParser().program)

/** Returns the arguments of each call of the program in a shell line. */
function callsIn(line: string): string[][] {
  const calls = [...line.matchAll(/(?:^|[|(] *|-I\{\} )(?:TASKWIRE_\w+=\S+ )*taskwire ((?:"[^"]*"|[^|)"])*)/gu)]
  return calls.map(([, rest = '']) =>
    [...rest.replace(/\s[#<>].*| 2>&1$/u, '').matchAll(/"([^"]*)"|(\S+)/gu)].map(
      ([, quoted, bare]) => quoted ?? bare ?? '',
    ),
  )
}

describe('help', () => {
  test.each(paths)('of %s shows valid examples', async (path) => {
    await using terminal = await openTerminal()
    const { out } = await terminal.call(...path.split(' '), '--help')
    const examples = out.split('Examples:\n')[1]?.trimEnd().split('\n') ?? []
    expect(examples).not.toEqual([])
    for (const example of examples) {
      const calls = callsIn(example.trim())
      expect(calls, example).not.toEqual([])
      for (const words of calls) expect(paths, example).toContain(await createParser().parse(words))
    }
  })

  test.each(['', 'npm'])('names the program once in a pipe when called through "%s"', async (how) => {
    await using terminal = await openTerminal(how === '' ? {} : { npm_lifecycle_event: 'taskwire' })
    const { out } = await terminal.call('import', '--help')
    expect(out).toContain(
      `  task export | ${how === '' ? 'taskwire' : 'npm run -s taskwire --'} import --format taskwarrior -\n`,
    )
  })
})

const pages = globSync('{README.md,docs/**/*.md,apps/cli/*.md}', { cwd: root })

test('docs show valid command lines', async () => {
  const blocks = pages.flatMap((page) => [...read(page).matchAll(/^```(?:sh|console)\n([\s\S]*?)^```/gmu)])
  const lines = blocks.flatMap(([, block = '']) => block.split('\n').map((line) => line.replace(/^\$ /u, '')))
  const calls = lines.flatMap((line) => callsIn(line.replaceAll('npm run -s taskwire --', 'taskwire')))
  expect(calls.length).toBeGreaterThan(20)
  for (const words of calls) await createParser().parse(words)
})

test('every remedy names an existing command', () => {
  const files = globSync('apps/cli/src/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'))
  const remedies = files.flatMap((file) => [
    ...read(file).matchAll(/\$\{[\w.]*(?:program|programName)\} ([a-z][\w-]*(?: list| create| revoke)?)/gu),
  ])
  expect(remedies.length).toBeGreaterThan(10)
  expect(remedies.map(([, path = '']) => path).filter((path) => !paths.includes(path))).toEqual([])
})
