import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { startTestService } from '@taskwire/api/testing'
import { type ApiKey, createClient, signIn } from '@taskwire/client'
import { afterAll, describe, expect, test } from 'vitest'
import { EXIT } from '../exit.ts'
import { openAccount } from '../testing/account.ts'
import { openTerminal } from '../testing/terminal.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())
const account = async () => await openAccount(service)

const PASSWORD = 'correct horse battery'
let emails = 0
const newEmail = (): string => `person${++emails}-${process.pid}@example.com`
/** Returns the standard input of a terminal on which this text is typed. */
const typed = (text: string): PassThrough & { isTTY: true } =>
  Object.assign(new PassThrough().end(text), { isTTY: true as const })

describe('signing in', () => {
  test('sign-up stores the session and the address for later commands', async () => {
    await using terminal = await openTerminal()
    const email = newEmail()
    const result = await terminal.with({ stdin: `${PASSWORD}\n` })(
      'sign-up',
      email,
      '--password-stdin',
      '--url',
      service.url,
    )
    expect(result).toEqual({ code: 0, out: `Created an account and signed in: ${email} at ${service.url}.\n`, err: '' })
    const path = join(terminal.home, '.config/taskwire/credentials.json')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readFile(path, 'utf8')).not.toContain(PASSWORD)
    expect(await terminal.json('whoami')).toMatchObject({
      url: service.url,
      email,
      name: email.split('@')[0],
      timeZone: 'UTC',
    })
    expect((await terminal.call('whoami')).out).toContain(`<${email}>\nat ${service.url}, in the time zone UTC`)
    expect((await terminal.call('add', 'Buy milk')).code).toBe(0)
  })

  test('sign-up creates no account if the session cannot be stored', async () => {
    await using terminal = await openTerminal({ TASKWIRE_URL: service.url })
    await mkdir(join(terminal.home, '.config/taskwire'), { recursive: true })
    await writeFile(join(terminal.home, '.config/taskwire/credentials.json'), 'damaged')
    const email = newEmail()
    const { code, err } = await terminal.with({ stdin: PASSWORD })('sign-up', email, '--password-stdin')
    expect(code).toBe(EXIT.failed)
    expect(err).toContain('credentials.json is damaged')
    await expect(signIn({ url: service.url, email, password: PASSWORD })).rejects.toMatchObject({ status: 401 })
  })

  test('login stores a session, and logout ends it at the service', async () => {
    await using user = await account()
    await using terminal = await openTerminal({ TASKWIRE_URL: service.url })
    const login = terminal.with({ stdin: user.user.password })
    expect(JSON.parse((await login('login', user.user.email, '--password-stdin', '--json')).out)).toEqual({
      url: service.url,
      user: { id: user.user.id, email: user.user.email, name: 'Somebody' },
    })
    const { sessions } = JSON.parse(
      await readFile(join(terminal.home, '.config/taskwire/credentials.json'), 'utf8'),
    ) as { sessions: Record<string, { token: string }> }
    const token = sessions[service.url]?.token
    expect(await terminal.call('logout')).toEqual({ code: 0, out: `Signed out of ${service.url}.\n`, err: '' })
    await expect(createClient({ url: service.url, token }).me.get.query()).rejects.toThrow('Not signed in')
    expect((await terminal.call('whoami')).code).toBe(EXIT.notSignedIn)
    expect(await terminal.call('logout')).toEqual({
      code: 0,
      out: `Not signed in at ${service.url}; nothing to do.\n`,
      err: '',
    })
  })

  test('TASKWIRE_TOKEN takes precedence over the login, with a warning', async () => {
    await using user = await account()
    await using terminal = await openTerminal({ TASKWIRE_URL: service.url })
    const email = newEmail()
    const env = { TASKWIRE_TOKEN: user.user.token }
    const { err } = await terminal.with({ stdin: PASSWORD, env })('sign-up', email, '--password-stdin')
    expect(err).toContain('TASKWIRE_TOKEN is set')
    expect((await terminal.json<{ email: string }>('whoami')).email).toBe(email)
    expect((await terminal.with({ env })('whoami')).out).toContain(user.user.email)
    // logout ends the stored session, not the token.
    expect(await terminal.with({ env })('logout')).toEqual({
      code: 0,
      out: `Signed out of ${service.url}.\n`,
      err: 'TASKWIRE_TOKEN is set: commands keep using it until you unset it.\n',
    })
    expect((await terminal.with({ env })('whoami')).code).toBe(0)
  })

  test('prompts on a terminal, twice for a new password, without echo', async () => {
    await using terminal = await openTerminal({ TASKWIRE_URL: service.url })
    const email = newEmail()
    const signUp = await terminal.with({ stdin: typed(`${PASSWORD}\n${PASSWORD}\n`), columns: 80 })('sign-up', email)
    expect(signUp.code).toBe(0)
    expect(signUp.err).toBe('New password (8 characters or more): \nRepeat it: \n')
    expect(signUp.out).not.toContain(PASSWORD)
    const login = await terminal.with({ stdin: typed(`${PASSWORD}\n`) })('login', email)
    expect(login).toMatchObject({ code: 0, err: 'Password: \n' })
  })

  test('differing passwords and Ctrl-C create no account', async () => {
    await using terminal = await openTerminal({ TASKWIRE_URL: service.url })
    const email = newEmail()
    const differing = await terminal.with({ stdin: typed(`${PASSWORD}\nother\n`) })('sign-up', email)
    expect(differing.code).toBe(EXIT.failed)
    expect(differing.err).toContain('The two passwords differ')
    const stopped = await terminal.with({ stdin: typed('corr\u0003') })('sign-up', email)
    expect(stopped).toEqual({ code: EXIT.interrupted, out: '', err: 'New password (8 characters or more): \n' })
    expect((await terminal.with({ stdin: PASSWORD })('login', email, '--password-stdin')).code).toBe(EXIT.notSignedIn)
  })

  test('each refusal names its reason', async () => {
    await using user = await account()
    await using terminal = await openTerminal({ TASKWIRE_URL: service.url })
    const { email } = user.user
    const attempt = async (stdin: string, ...args: string[]) =>
      await terminal.with({ stdin })(...args, '--password-stdin')

    const wrong = await attempt('another password', 'login', email)
    expect(wrong.code).toBe(EXIT.notSignedIn)
    expect(wrong.err).toContain(`the password is wrong, or ${email} has no account`)
    const taken = await attempt(PASSWORD, 'sign-up', email)
    expect(taken.code).toBe(EXIT.conflict)
    expect(taken.err).toContain(`${email} has one already. Sign in: taskwire login ${email}`)
    const short = await attempt('short', 'sign-up', newEmail())
    expect(short.code).toBe(EXIT.failed)
    expect(short.err).toContain('password is shorter than 8 characters')
    const odd = await attempt(PASSWORD, 'sign-up', 'nobody')
    expect(odd.err).toContain('email is not an e-mail address')
    const elsewhere = await attempt(PASSWORD, 'login', email, '--url', 'http://127.0.0.1:9')
    expect(elsewhere.code).toBe(EXIT.failed)
    expect(elsewhere.err).toContain('Cannot reach Taskwire at http://127.0.0.1:9')
  })

  test('an unknown token is not signed in', async () => {
    await using terminal = await openTerminal({ TASKWIRE_URL: service.url, TASKWIRE_TOKEN: 'nonsense' })
    for (const args of [
      ['list'],
      ['add', 'x'],
      ['lists', '--json'],
      ['import', join(import.meta.dirname, 'account.db.test.ts'), '--format', 'todotxt'],
    ]) {
      const { code, err } = await terminal.call(...args)
      expect(code).toBe(EXIT.notSignedIn)
      expect(err).toContain(`Not signed in at ${service.url}: the token in TASKWIRE_TOKEN is unknown there`)
    }
  })

  test('TASKWIRE_USER without a service key is refused', async () => {
    await using user = await account()
    expect(await user.with({ env: { TASKWIRE_USER: user.user.id } })('list')).toEqual({
      code: EXIT.failed,
      out: '',
      err: 'A service key needs one of the headers X-Taskwire-User and X-Taskwire-External-User, and no other credential may send either. Unset TASKWIRE_USER: it sends X-Taskwire-User.\n',
    })
  })
})

describe('keys', () => {
  test('create prints only the secret on standard output, and the key is limited to its scope', async () => {
    await using user = await account()
    const { code, out, err } = await user.call('keys', 'create', 'reader', '--scope', 'tasks:read')
    expect(code).toBe(0)
    expect(out).toMatch(/^tw_key_\S+\n$/u)
    expect(err).toContain('It is not shown again')
    const asKey = user.with({ env: { TASKWIRE_TOKEN: out.trim() } })
    expect((await asKey('list')).code).toBe(0)
    const refused = await asKey('add', 'x')
    expect(refused.code).toBe(EXIT.failed)
    expect(refused.err).toBe(
      'Task "x": This key lacks the scope tasks:write, which the call needs. Use a key that has it, or a session. Unset TASKWIRE_TOKEN and sign in: taskwire login you@example.com\n',
    )
    expect((await asKey('whoami')).err).toMatch(/^This key lacks the scope account, which the call needs\./u)
    // It cannot read the account's time zone.
    expect(await asKey('add', 'x', '--due', 'today')).toMatchObject({ code: EXIT.usage })
    expect((await user.call('keys', 'list')).out).not.toContain(out.trim())
  })

  test('list shows the keys, and revoke takes a name, a short id or an id', async () => {
    await using user = await account()
    expect((await user.call('keys', 'list')).err).toContain('No keys.')
    const made = await user.json<{ key: ApiKey; secret: string }>('keys', 'create', 'one', '--expires', '2099-01-02')
    expect(made.key).toMatchObject({ name: 'one', scopes: ['tasks:write'], expiresAt: '2099-01-02T00:00:00.000Z' })
    await user.call('keys', 'create', 'two', '--scope', 'tasks:read', '--scope', 'account')
    await user.call('keys', 'create', 'two')
    expect(await user.json<ApiKey[]>('keys', 'list')).toMatchObject([{ name: 'two' }, { name: 'two' }, made.key])
    expect((await user.call('keys', 'list')).out.split('\n')).toContainEqual(
      expect.stringMatching(
        new RegExp(`^${made.key.id.slice(-8)}  one   tasks:write +\\S+ \\S+  2099-01-02 00:00$`, 'u'),
      ),
    )
    const ambiguous = await user.call('keys', 'revoke', 'two')
    expect(ambiguous.code).toBe(EXIT.usage)
    expect(ambiguous.err).toContain('two matches 2 keys')
    expect((await user.call('keys', 'revoke', made.key.id.slice(-8))).out).toBe('Revoked the key "one".\n')
    const [two] = await user.json<ApiKey[]>('keys', 'list')
    expect(await user.json('keys', 'revoke', `${two?.id}`)).toEqual({ id: two?.id })
    expect((await user.call('keys', 'revoke', 'two')).code).toBe(0)
    const gone = await user.call('keys', 'revoke', 'two')
    expect(gone).toEqual({
      code: EXIT.notFound,
      out: '',
      err: 'There is no key "two". See the keys: taskwire keys list\n',
    })
    const ended = await user.with({ env: { TASKWIRE_TOKEN: made.secret } })('list')
    expect(ended.code).toBe(EXIT.notSignedIn)
  })

  test('an expiry in the past is refused', async () => {
    await using user = await account()
    const { code, err } = await user.call('keys', 'create', 'old', '--expires', '2020-01-01')
    expect(code).toBe(EXIT.failed)
    expect(err).toContain('Key "old": The service refused it: expiresAt is not in the future.')
  })
})
