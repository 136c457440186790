import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SCOPES } from '@taskwire/contract/account'
import { PRIORITIES } from '@taskwire/contract/fields'
import { PRIORITIES as OURS } from '@taskwire/importers'
import { describe, expect, test } from 'vitest'
import { KEY_SCOPES } from './commands/keys.ts'
import { EXIT } from './exit.ts'
import { openTerminal } from './testing/terminal.ts'

const COMMANDS = [
  'add',
  'list',
  'show',
  'done',
  'edit',
  'rm',
  'restore',
  'search',
  'lists',
  'tags',
  'log',
  'undo',
  'import',
  'export',
  'sign-up',
  'login',
  'logout',
  'whoami',
  'account',
  'keys',
  'completion',
]

await using terminal = await openTerminal()
const { call } = terminal

test('the version is the one in package.json', async () => {
  // package.json has this shape.
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
    version: string
  }
  expect(await call('--version')).toEqual({ code: 0, out: `taskwire ${version}\n`, err: '' })
})

// zod takes longer to load than the whole program, so these values of the contract are repeated here.
test('repeated constants equal the constants of the contract', () => {
  expect(OURS).toEqual(PRIORITIES)
  expect(KEY_SCOPES).toEqual(SCOPES)
})

describe('help', () => {
  test('of the program lists every command, variable and exit code', async () => {
    const { code, out, err } = await call('--help')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^  ${command}\\b`, 'mu'))
    for (const exit of Object.values(EXIT)) expect(out).toMatch(new RegExp(`^  ${exit} `, 'mu'))
    for (const name of ['TASKWIRE_URL', 'TASKWIRE_TOKEN', 'TASKWIRE_USER', 'TASKWIRE_SPACE', 'NO_COLOR'])
      expect(out).toContain(name)
  })

  test.each([...COMMANDS, 'keys list', 'keys create', 'keys revoke'])('of %s has examples', async (command) => {
    const { code, out } = await call(...command.split(' '), '--help')
    expect(code).toBe(0)
    expect(out).toContain(`Usage: taskwire ${command}`)
    expect(out).toMatch(/Examples:\n {2}\S/u)
    expect(out).toContain('--json')
  })

  test.each([['-h'], ['help']])('is also shown for %s', async (word) => {
    const asked = await call('--help')
    expect(await call(word)).toEqual(asked)
    expect(await call('keys', word)).toEqual(await call('keys', '--help'))
    const create = await call('keys', 'create', '--help')
    expect(await call('keys', ...(word === 'help' ? ['help', 'create'] : ['create', '-h']))).toEqual(create)
  })

  test('shows commands as they are called through npm', async () => {
    const { out } = await terminal.with({ env: { npm_lifecycle_event: 'taskwire' } })('add', '--help')
    expect(out).toContain('Usage: npm run -s taskwire -- add')
    expect(out).toContain('  npm run -s taskwire -- add Buy milk')
  })

  test('is shown on standard error, as wrong usage, without a command', async () => {
    const { code, out, err } = await call()
    expect({ code, out }).toEqual({ code: EXIT.usage, out: '' })
    expect(err).toContain('Usage: taskwire')
  })
})

describe('wrong usage', () => {
  test.each([
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['lsit'], 'Did you mean list?'],
    [['add'], "missing required argument 'title'"],
    [['list', '--frob'], "unknown option '--frob'"],
    [['list', '--priority', 'huge'], 'Allowed choices are none, low, medium, high, urgent'],
    [['list', '--sort', 'colour'], 'Allowed choices are place, due'],
    [['list', '--limit', '0'], 'Write a whole number from 1'],
    [['list', '--due-before', 'soon'], 'Write YYYY-MM-DD'],
    [['list', '--open', '--done'], 'cannot be used with'],
    [['list', '--overdue', '--due-after', 'today'], 'cannot be used with'],
    [['add', 'x', '--due', '2026-02-30'], 'The calendar has no 2026-02-30'],
    [['add', 'x', '--due', 'today', '--time-zone', 'Mars/Olympus'], 'Write a name of the IANA database'],
    // Node accepts these, but PostgreSQL does not, or means another zone.
    [['add', 'x', '--due', 'today', '--time-zone', 'PST'], 'such as America/Los_Angeles'],
    [['list', '--overdue', '--time-zone', 'IST'], 'Write a name of the IANA database'],
    [['keys', 'create', 'x', '--expires', 'today', '--time-zone', 'AET'], 'Write a name of the IANA database'],
    [['edit', 'ab', '--due', 'today', '--clear-due'], 'cannot be used with'],
    [['edit', 'ab', '--tag', 'x', '--add-tag', 'y'], 'cannot be used with'],
    [['undo', 'last'], 'It is not a revision'],
    [['log', '--after', '-1'], 'It is not a revision'],
    [['import'], "missing required argument 'files'"],
    [['import', 'x', '--format', 'xml'], 'Allowed choices are todotxt'],
    [['import', '-'], 'Name the format of standard input'],
    [['export', '--format', 'todotxt', '--json'], 'todotxt is not JSON'],
    [['keys', 'create', 'x', '--scope', 'all'], 'Allowed choices are tasks:read'],
    [['keys', 'frob'], "unknown command 'frob'"],
    [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish'],
    [['list', '--url', 'nonsense'], '--url is "nonsense"'],
    [['login', 'a@example.com'], 'The password cannot be asked for, since there is no terminal'],
    [['login', 'a@example.com', '--password-stdin'], 'Standard input holds no password'],
  ])('%j: %s', async (args, message) => {
    const { code, out, err } = await call(...args)
    expect(err).toContain(message)
    expect({ code, out }).toEqual({ code: EXIT.usage, out: '' })
  })
})

test('errors are red on a terminal, except with --no-color', async () => {
  const onTerminal = terminal.with({ columns: 80 })
  expect((await onTerminal('lsit')).err).toContain('\u001b[31m')
  expect((await onTerminal('lsit', '--no-color')).err).not.toContain('\u001b')
  expect((await onTerminal('whoami', '--no-color')).err).not.toContain('\u001b')
})

test('an unreachable service is reported with its address and how to start it', async () => {
  // Nothing listens on port 9, the discard service's.
  const env = { TASKWIRE_URL: 'http://127.0.0.1:9', TASKWIRE_TOKEN: 'any' }
  const { code, out, err } = await terminal.with({ env })('list')
  expect({ code, out }).toEqual({ code: EXIT.failed, out: '' })
  expect(err).toMatch(/^Cannot reach Taskwire at http:\/\/127\.0\.0\.1:9: .*npm start.*TASKWIRE_URL/u)
})

test('without a login commands fail before they connect', async () => {
  for (const args of [['list'], ['import', 'nowhere.txt'], ['whoami']]) {
    const { code, err } = await call(...args)
    expect(code).toBe(EXIT.notSignedIn)
    expect(err).toMatch(/^Not signed in at http:\/\/localhost:4000\. .*taskwire login/u)
  }
})

test('completion --json holds the script', async () => {
  const { script, ...rest } = await terminal.json<{ shell: string; script: string }>('completion', 'bash')
  expect(rest).toEqual({ shell: 'bash' })
  expect(script).toContain('complete -o default')
})
