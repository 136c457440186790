import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { credentialsPath, readCredentials, withoutSession, withSession, writeCredentials } from './credentials.ts'

const folder = await mkdtemp(join(tmpdir(), 'taskwire-cli-'))
afterAll(async () => await rm(folder, { recursive: true, force: true }))
let homes = 0
const newPath = (): string => credentialsPath({ XDG_CONFIG_HOME: join(folder, `home-${++homes}`) })

const URL_A = 'http://127.0.0.1:4000'
const URL_B = 'https://tasks.example.com'
const session = (token: string) => ({ token, user: { id: 'an id', email: 'a@example.com', name: 'A' } })
const EMPTY = { version: 1, current: null, sessions: {} } as const

describe('the path of the file', () => {
  test.each([
    [{ XDG_CONFIG_HOME: '/etc/xdg', HOME: '/home/a' }, '/etc/xdg/taskwire/credentials.json'],
    [{ HOME: '/home/a' }, '/home/a/.config/taskwire/credentials.json'],
    [{ XDG_CONFIG_HOME: '', HOME: '/home/a' }, '/home/a/.config/taskwire/credentials.json'],
    // The XDG specification says to ignore relative paths.
    [{ XDG_CONFIG_HOME: 'here', HOME: '/home/a' }, '/home/a/.config/taskwire/credentials.json'],
  ])('%j', (env, expected) => {
    expect(credentialsPath(env)).toBe(expected)
  })
})

test('a missing file reads as empty, and reading creates none', async () => {
  const path = newPath()
  expect(await readCredentials(path)).toEqual(EMPTY)
  await expect(stat(dirname(path))).rejects.toThrow('ENOENT')
})

test('written credentials can be read again, are private to their owner, and leave no temporary file', async () => {
  const path = newPath()
  await writeCredentials(path, withSession(EMPTY, URL_A, session('one')))
  await writeCredentials(path, withSession(await readCredentials(path), URL_B, session('two')))
  expect(await readCredentials(path)).toEqual({
    version: 1,
    current: URL_B,
    sessions: { [URL_A]: session('one'), [URL_B]: session('two') },
  })
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect((await stat(dirname(path))).mode & 0o777).toBe(0o700)
  expect(await readdir(dirname(path))).toEqual(['credentials.json'])
})

test('writing to a file that others can read makes it private', async () => {
  const path = newPath()
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, JSON.stringify(EMPTY), { mode: 0o644 })
  await writeCredentials(path, withSession(EMPTY, URL_A, session('one')))
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test('removing one session leaves the others', async () => {
  const both = withSession(withSession(EMPTY, URL_A, session('one')), URL_B, session('two'))
  expect(withoutSession(both, URL_B)).toEqual({ version: 1, current: URL_B, sessions: { [URL_A]: session('one') } })
  expect(Object.keys(both.sessions)).toHaveLength(2)
})

test.each(['', 'not JSON', '[]', 'null', '{"version":2,"sessions":{}}', '{"version":1,"sessions":[}'])(
  'a damaged file (%j) is an error that names it, and is not overwritten',
  async (text) => {
    const path = newPath()
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
    await expect(readCredentials(path)).rejects.toThrow(`${path} is damaged`)
    expect(await readFile(path, 'utf8')).toBe(text)
  },
)

test('invalid sessions are left out', async () => {
  const path = newPath()
  await mkdir(dirname(path), { recursive: true })
  await writeFile(
    path,
    JSON.stringify({ version: 1, current: 5, sessions: { [URL_A]: { token: 5 }, [URL_B]: session('two') } }),
  )
  expect(await readCredentials(path)).toEqual({ version: 1, current: null, sessions: { [URL_B]: session('two') } })
})
