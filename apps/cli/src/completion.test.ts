import { execFile } from 'node:child_process'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { createRun } from './command.ts'
import { completionFor } from './completion.ts'
import { createProgram } from './program.ts'
import { createSink } from './testing/terminal.ts'
import { editTextOptions } from './text-fields.ts'

const run = promisify(execFile)
const program: Command = createProgram(
  createRun({
    env: {},
    cwd: '/',
    stdin: Readable.from([]),
    out: createSink().output,
    err: createSink().output,
    now: () => new Date(),
    timeZone: 'UTC',
  }),
)

describe('bash', () => {
  /** Returns the completions that bash offers for a line with the cursor at its end. */
  async function offers(...words: string[]): Promise<string[]> {
    const line = words.map((word) => `'${word}'`).join(' ')
    const script = `${completionFor('bash', program)}
      COMP_WORDS=(taskwire ${line}); COMP_CWORD=${words.length}; _taskwire; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout } = await run('bash', ['-c', script])
    return stdout.split('\n').filter((word) => word !== '')
  }

  test('offers commands', async () => {
    expect(await offers('re')).toEqual(['restore'])
    expect(await offers('')).toEqual(expect.arrayContaining(['add', 'list', 'import', 'keys', '--json']))
  })

  test('offers subcommands', async () => {
    expect(await offers('keys', '')).toEqual(expect.arrayContaining(['list', 'create', 'revoke']))
    expect(await offers('--json', 'keys', 'cr')).toEqual(['create'])
  })

  test('offers the options of the command', async () => {
    const clearing = editTextOptions().flatMap(({ long }) => (long?.startsWith('--clear') ? [long] : []))
    expect(await offers('edit', '1a2b', '--clear')).toEqual([...clearing, '--clear-tags', '--clear-due'])
    expect(await offers('keys', 'create', 'x', '--sc')).toEqual(['--scope'])
    expect(await offers('add', '--clear')).toEqual([])
  })

  test('offers the values of an option', async () => {
    expect(await offers('add', '--priority', 'u')).toEqual(['urgent'])
    expect(await offers('import', '--format', 'todo')).toEqual(['todotxt', 'todoist'])
  })
})

// These shells are often not installed, so the text of the scripts is checked.
describe.each(['zsh', 'fish'] as const)('%s', (shell) => {
  const script = completionFor(shell, program)

  test('lists every command and option', () => {
    const all = [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]
    for (const command of all) {
      for (const { long } of command.options) expect(script).toContain(shell === 'fish' ? `-l ${long?.slice(2)}` : long)
      if (command !== program) expect(script).toContain(command.name())
    }
    expect(script).toContain('none low medium high urgent')
  })

  test('parses, if the shell is installed', async () => {
    const found = await run('which', [shell]).then(
      () => true,
      () => false,
    )
    if (found) await run(shell, ['-n', '-c', script])
  })
})
