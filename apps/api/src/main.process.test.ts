import { randomUUID } from 'node:crypto'
import { createServer } from 'node:net'
import { createClient, signIn, signUp } from '@taskwire/client'
import { expect, test } from 'vitest'
import { startServiceProcess, temporaryDirectory } from './testing/process.ts'

// Most of these tests run the service as `npm start` does in a new checkout: without settings, on the embedded
// database.

test('the first start creates the database, and the second one uses it', async () => {
  await using directory = await temporaryDirectory()
  const account = { email: 'somebody@example.com', password: 'correct horse', name: 'Somebody' }
  let created: unknown
  {
    await using main = startServiceProcess({ cwd: directory.path })
    const url = await main.url()
    const { token } = await signUp({ url, ...account })
    created = await createClient({ url, token }).tasks.create.mutate({ title: 'Buy milk' })
    expect(main.stderr()).toMatch(/Started the embedded PostgreSQL.*\n.*Migrated the database:/)
    // The service is ready when it prints its URL.
    expect((await fetch(`${url}/health/ready`)).status).toBe(200)
    expect(await main.end()).toBe(0)
    for (const line of main.log().trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg')
  }
  const origins = 'http://localhost:5173,http://127.0.0.1:5173'
  await using main = startServiceProcess({ cwd: directory.path, env: { ALLOWED_ORIGINS: origins } })
  const url = await main.url()
  expect(url).toMatch(/^http:\/\/localhost:\d+$/)
  expect(main.stderr()).not.toContain('Migrated')
  // The service warns of origins whose pages cannot use the session cookie.
  expect(main.stderr()).toMatch(/^Pages of http:\/\/127\.0\.0\.1:5173 cannot use the session cookie: /m)
  const { token } = await signIn({ url, ...account })
  const { items } = await createClient({ url, token }).tasks.list.query({})
  expect(items).toEqual([created])
  expect(await main.end('SIGINT')).toBe(0)
})

test('after SIGKILL every acknowledged mutation is kept, and retried mutations are applied once', async () => {
  await using directory = await temporaryDirectory()
  const sent = Array.from({ length: 60 }, (_, n) => ({
    id: randomUUID(),
    title: `task ${n}`,
    mutationId: randomUUID(),
  }))
  const acknowledged = new Map<string, unknown>()
  let token = ''
  {
    await using main = startServiceProcess({ cwd: directory.path, env: { LOG_LEVEL: 'warn' } })
    const url = await main.url()
    ;({ token } = await signUp({ url, email: 'a@example.com', password: 'correct horse', name: 'A' }))
    // The client retries, since a busy machine refuses some of this many concurrent calls.
    const client = createClient({ url, token, retry: { attempts: 20 } })
    const killed = new AbortController()
    const calls = sent.map(async (task) => {
      const made = await client.tasks.create.mutate(task, { signal: killed.signal })
      acknowledged.set(task.id, made)
      if (acknowledged.size !== 20) return
      main.child.kill('SIGKILL')
      killed.abort()
    })
    await Promise.allSettled(calls)
    expect(await main.ended).toBe('SIGKILL')
    expect(acknowledged.size).toBeGreaterThanOrEqual(20)
  }
  await using main = startServiceProcess({ cwd: directory.path })
  const client = createClient({ url: await main.url(), token })
  for (const [id, made] of acknowledged) expect(await client.tasks.get.query({ id })).toEqual(made)
  // Retried with the same mutation ids, each task exists once, whether or not it was acknowledged.
  for (const task of sent) await client.tasks.create.mutate(task)
  const { revision } = await client.tasks.list.query({})
  expect(revision).toBe(sent.length)
  expect((await client.tasks.count.query({})).total).toBe(sent.length)
})

test('an unexpected error ends the process without printing SQL or parameters', async () => {
  await using directory = await temporaryDirectory()
  const error = `Object.assign(new Error('planted'), { query: 'select planted', parameters: ['planted'] })`
  const script = `process.on('SIGUSR2', () => { throw ${error} })`
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` }
  await using main = startServiceProcess({ cwd: directory.path, env })
  await main.url()
  expect(await main.end('SIGUSR2')).toBe(1)
  expect(main.stderr()).toMatch(/The service stops because of an internal error: Error\n +at /)
  // Only stack frames contain the word 'planted', as part of the script's URL.
  expect(main.stderr().replaceAll(/^ +at .*$/gm, '')).not.toContain('planted')
})

test('if the port is in use, the service says so, and exits with 1', async () => {
  await using directory = await temporaryDirectory()
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const address = taken.address()
  const port = String(typeof address === 'object' ? address?.port : '')
  await using main = startServiceProcess({ cwd: directory.path, env: { PORT: port } })
  expect(await main.ended).toBe(1)
  expect(main.stderr()).toContain(
    `Port ${port} is in use on 127.0.0.1: stop what listens there, or set PORT to another.`,
  )
  expect(main.stderr()).not.toMatch(/^ +at /m)
  taken.close()
})

test.each([
  [{ PORT: 'http', LOG_LEVEL: 'loud' }, /- PORT is not a whole number.*\n.*- LOG_LEVEL is not a level/],
  [
    { DATABASE_URL: 'postgres://app:hidden@db/tasks' },
    /- DATABASE_AUTH_URL is missing.*\n.*- TASKWIRE_SECRET is missing/,
  ],
  [{ HOST: '192.0.2.1' }, /HOST 192\.0\.2\.1 is not an address of this machine: use 127\.0\.0\.1/],
])('settings %o are refused with a message and exit code 1', async (env, message) => {
  await using directory = await temporaryDirectory()
  await using main = startServiceProcess({ cwd: directory.path, env })
  expect(await main.ended).toBe(1)
  expect(main.stderr()).toMatch(message)
  expect(main.stderr()).not.toMatch(/^ +at |hidden/m)
})
