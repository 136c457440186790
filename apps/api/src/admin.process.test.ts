import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectOnce, parseAddress } from '@taskwire/db'
import { startEmbeddedDatabase } from '@taskwire/embedded-db'
import { describe, expect, test } from 'vitest'
import { readConfig } from './config.ts'
import { createService } from './service.ts'
import { adminCommand } from './testing/programs.ts'

const [program, ...programArgs] = adminCommand
const OLDEST = '/usr/lib/postgresql/15/bin'

function admin(args: string[], env: Record<string, string> = {}): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(program, [...programArgs, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  })
  return { status, out: stdout.trim(), err: stderr.trim() }
}

const servers = [
  { name: "the package's PostgreSQL", options: {} },
  { name: 'PostgreSQL 15', options: { binDirectory: OLDEST } },
]

describe.each(servers)('on $name', ({ options }) => {
  const isMissing = 'binDirectory' in options && !existsSync(OLDEST)
  test.skipIf(isMissing)(
    `an administrator who is not a superuser can set up everything${isMissing ? ` (skipped: no ${OLDEST})` : ''}`,
    async () => {
      const directory = await mkdtemp(join(tmpdir(), 'taskwire-admin-'))
      await using server = await startEmbeddedDatabase({
        directory,
        durable: false,
        settings: { synchronous_commit: 'on' },
        ...options,
      })
      const root = parseAddress('root', server.adminUrl)
      {
        // Like administrators on Neon: allowed to create roles, and owner of the database.
        await using connection = await connectOnce({ address: root, applicationName: 'test' })
        await connection.sql.unsafe(`create role console login createrole password 'secret'`)
        await connection.sql.unsafe(`create database tasks owner console`)
      }
      const address = `postgres://console:secret@127.0.0.1:${server.port}/tasks`
      const setUp = admin(['setup', address])
      expect(setUp).toMatchObject({ status: 0 })
      const env = Object.fromEntries(
        setUp.out.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      )
      expect(Object.keys(env)).toEqual(['DATABASE_URL', 'DATABASE_AUTH_URL', 'DATABASE_OWNER_URL', 'TASKWIRE_SECRET'])

      expect(admin(['migrate'], env)).toMatchObject({ status: 0, err: expect.stringContaining('Applied') })
      expect(admin(['migrate'], env)).toMatchObject({ status: 0, err: 'The database was up to date' })

      const made = admin(['service-key', 'create', '--name', 'billing', '--scopes', 'tasks:write'], env)
      expect(made).toMatchObject({ status: 0, out: expect.stringMatching(/^tw_service_[\w-]{43}$/) })
      expect(admin(['service-key', 'create', '--name', 'billing', '--scopes', 'tasks:write'], env)).toMatchObject({
        status: 1,
        err: expect.stringContaining('There is a service key named billing already'),
      })

      const past = [
        'service-key',
        'create',
        '--name',
        'old',
        '--scopes',
        'tasks:read',
        '--expires',
        '2020-01-01T00:00:00Z',
      ]
      expect(admin(past, env)).toMatchObject({ status: 1, err: '--expires is not in the future' })
      expect(admin(['setup', address.replace('secret', 'wrong')])).toMatchObject({
        status: 1,
        err: expect.stringMatching(/^The database of ADDRESS \(console@.*password authentication failed/),
      })

      // The service starts with the printed settings, and the key acts for a user.
      await using service = await createService({
        config: readConfig({ ...env, PORT: '0', LOG_LEVEL: 'silent', WARM_UP: 'false' }),
      })
      await service.prepared
      const url = await service.listen()
      const signUp = await fetch(`${url}/auth/sign-up/email`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: 'a@example.com', password: 'long enough', name: 'A' }),
      })
      const { user } = (await signUp.json()) as { user: { id: string } }
      const headers = { authorization: `Bearer ${made.out}`, 'x-taskwire-user': user.id }
      expect((await fetch(`${url}/trpc/tasks.list?input={}`, { headers })).status).toBe(200)

      const reset = admin(['reset-password', 'A@example.com'], { ...env, PUBLIC_URL: 'https://tasks.example.com' })
      expect(reset).toMatchObject({
        status: 0,
        out: expect.stringMatching(/^https:\/\/tasks\.example\.com\/reset-password#[\w-]{43}$/),
        err: expect.stringContaining('30 minutes and for one use'),
      })
      const posted = await fetch(`${url}/auth/reset-password`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token: new URL(reset.out).hash.slice(1), password: 'longer than enough' }),
      })
      expect(posted.status).toBe(200)
      expect(admin(['reset-password', 'nobody@example.com'], env)).toMatchObject({
        status: 1,
        err: expect.stringContaining('There is no account with the e-mail address nobody@example.com'),
      })

      const explained = admin(['explain', 'tasks.list', '{"limit": 1}', '--user', 'a@example.com'], env)
      expect(explained).toMatchObject({
        status: 0,
        out: expect.stringMatching(/^tasks\.list as a@example\.com: 1 round trip[^]*as taskwire_app[^]*actual time=/),
      })
      const superuser = server.adminUrl.replace(/\w+$/, 'tasks')
      const update = ['explain', 'me.update', '{"name": "B"}', '--user', 'a@example.com', '--superuser', superuser]
      expect(admin(update, env)).toMatchObject({ status: 0, out: expect.stringContaining('Update on users') })
      expect(admin(['explain', 'tasks.list', '{}'], env)).toMatchObject({
        status: 2,
        err: expect.stringMatching(/^explain needs --user EMAIL\./),
      })
      expect(admin(['explain', 'tasks.list', '{"limit": 0}', '--user', 'a@example.com'], env)).toMatchObject({
        status: 1,
        err: expect.stringMatching(/^tasks\.list refuses this input\. VALIDATION: .*\n {2}limit: /),
      })

      expect(admin(['user', 'create', 'user|1', '--name', 'Ada'], env)).toMatchObject({ status: 0 })
      expect(admin(['user', 'list'], env).out).toMatch(/\tuser\|1\tAda\t\tUTC\tactive$/m)
      expect(admin(['user', 'disable', 'user|2'], env)).toMatchObject({
        status: 1,
        err: 'user|2: There is no account with this id or externalId.',
      })
      expect(admin(['user', 'delete', 'user|1'], env)).toMatchObject({ status: 0 })

      const [id = ''] = admin(['service-key', 'list'], env).out.split('\t')
      expect(admin(['service-key', 'revoke', id], env)).toMatchObject({ status: 0 })
      expect((await fetch(`${url}/trpc/tasks.list?input={}`, { headers })).status).toBe(401)

      // A backup of the running service is restored into another database.
      const file = join(directory, 'backup.gz')
      expect(admin(['backup', file], env)).toMatchObject({ status: 0, err: expect.stringContaining(`Wrote ${file}`) })
      expect(admin(['restore', file], env)).toMatchObject({ status: 1, err: expect.stringContaining('is not empty') })
      {
        await using connection = await connectOnce({ address: root, applicationName: 'test' })
        await connection.sql.unsafe(`create database other owner console`)
      }
      const other = Object.fromEntries(
        admin(['setup', address.replace('/tasks', '/other')])
          .out.split('\n')
          .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      )
      expect(admin(['migrate'], other)).toMatchObject({ status: 0 })
      expect(admin(['restore', file, '--exact'], other)).toMatchObject({
        status: 0,
        err: expect.stringMatching(
          /auth\.users: 1 row\n[^]*Restored \d+ rows as of 20[^]*1 account with the passwords of that time/,
        ),
      })
      await rm(directory, { recursive: true, force: true })
    },
  )
})

test('--help prints the usage in any position, and nothing else happens', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-admin-'))
  for (const args of [['--help'], ['-h'], ['help'], ['migrate', '--help'], ['backup', '--help'], ['service-key', '-h']])
    expect(admin(args, { TASKWIRE_DIRECTORY: directory })).toMatchObject({
      status: 0,
      out: expect.stringContaining('backup FILE'),
      err: '',
    })
  expect(await readdir(directory)).toEqual([])
  await rm(directory, { recursive: true })
})

test.each([
  [['migrat'], "There is no command 'migrat'"],
  [['migrate', 'now'], 'migrate takes no arguments'],
  [['migrate', '--force'], "'--force'"],
  [['setup'], 'setup takes ADDRESS'],
  [['setup', 'postgres://a:b@127.0.0.1:1/x', 'more'], 'setup takes ADDRESS'],
  [['backup', '--exact', 'a'], "'--exact'"],
  [['backup', 'a', 'b'], 'backup takes FILE'],
  [['user'], 'user takes create'],
  [['user', 'disable'], 'user disable takes EXTERNAL_ID'],
  [['service-key'], 'service-key takes create, list or revoke'],
  [['service-key', 'list', 'all'], 'service-key list takes no arguments'],
  [['service-key', 'revoke', 'a', 'b'], 'service-key revoke takes ID'],
  [['service-key', 'create', 'billing', '--scopes', 'tasks:read'], 'service-key create takes no arguments'],
])('%j is refused with the reason and the usage, before a database is opened', async (args, reason) => {
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-admin-'))
  const { status, err } = admin(args, { TASKWIRE_DIRECTORY: directory })
  expect({ status, err }).toEqual({ status: 2, err: expect.stringContaining(reason) })
  expect(err).toContain('backup FILE')
  expect(await readdir(directory)).toEqual([])
  await rm(directory, { recursive: true })
})

test('invalid arguments are reported with the usage, and invalid settings with their names', () => {
  expect(admin([])).toMatchObject({ status: 2, err: expect.stringContaining('service-key create --name NAME') })
  expect(admin(['service-key', 'create', '--nme', 'x'])).toMatchObject({
    status: 2,
    err: expect.stringContaining("'--nme'"),
  })
  for (const args of [['backup'], ['backup', 'a', 'b'], ['restore'], ['restore', 'a', 'b'], ['reset-password']])
    expect(admin(args)).toMatchObject({ status: 2, err: expect.stringContaining('backup FILE') })
  expect(admin(['setup', 'somewhere'])).toMatchObject({
    status: 1,
    err: expect.stringContaining('postgres://user:password@host'),
  })
  expect(admin(['setup', 'postgres://a:b@127.0.0.1:1/x'])).toMatchObject({
    status: 1,
    err: expect.stringMatching(
      /^The database of ADDRESS \(a@127\.0\.0\.1:1\/x\) cannot be used: .*ECONNREFUSED.*Check that it is running/,
    ),
  })
  const nowhere = 'postgres://a:b@127.0.0.1:1/x'
  const env = { DATABASE_URL: nowhere, DATABASE_AUTH_URL: nowhere, DATABASE_OWNER_URL: nowhere }
  expect(admin(['migrate'], { ...env, TASKWIRE_SECRET: 'x'.repeat(32) })).toMatchObject({
    status: 1,
    err: expect.stringMatching(/^The database of DATABASE_OWNER_URL \(a@\S+\) cannot be used: /),
  })
  expect(admin(['migrate'], { DATABASE_URL: 'postgres://a:b@h/x' })).toMatchObject({
    status: 1,
    err: expect.stringContaining('DATABASE_AUTH_URL is missing'),
  })
})
