import { connect } from 'node:net'
import { connectOnce } from '@taskwire/db'
import { createTestDatabase, type TestDatabase } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import {
  type ServiceProcess,
  settingsFor,
  signUpAt,
  startServiceProcess,
  startPostgres,
  temporaryDirectory,
} from '../testing/process.ts'

const postgres = await startPostgres()
const directory = await temporaryDirectory()
afterAll(async () => {
  await postgres[Symbol.asyncDispose]()
  await directory[Symbol.asyncDispose]()
})

/** Disables the lock timeout, so that calls wait as long as the test holds a lock. */
async function disableLockTimeout(database: TestDatabase): Promise<void> {
  await using admin = await connectOnce({ address: database.admin, applicationName: 'taskwire-test' })
  await admin.sql`alter role taskwire_app in database ${admin.sql(database.app.database)} set lock_timeout = 0`
}

/** Starts a mutation, and keeps it in progress until `release()` by holding the lock of its space. */
async function startMutation(
  database: TestDatabase,
  main: ServiceProcess,
): Promise<{ response: Promise<Response>; release(): Promise<void> }> {
  const url = await main.url()
  const { token, id } = await signUpAt(url)
  const { sql } = await connectOnce({ address: database.admin, applicationName: 'taskwire-test' })
  const locked = await sql.reserve()
  await locked`begin`
  await locked`select from tw.spaces where id = ${id} for update`
  const response = fetch(`${url}/trpc/tasks.create`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'in progress' }),
  })
  // The test awaits the response later; until then a rejection must not be unhandled.
  response.catch(() => {})
  for (let waiting = 0; waiting === 0;) {
    const [row] = await locked<{ n: number }[]>`
      select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
    waiting = row?.n ?? 0
  }
  return {
    response,
    async release() {
      await locked`rollback`
      locked.release()
      await sql.end({ timeout: 5 })
    },
  }
}

test('on SIGTERM, the service finishes the requests in progress, accepts no new ones, and exits with 0', async () => {
  await using database = await createTestDatabase()
  await disableLockTimeout(database)
  await using main = startServiceProcess({ cwd: directory.path, env: settingsFor(database) })
  const { response, release } = await startMutation(database, main)
  const url = await main.url()
  main.child.kill('SIGTERM')
  await main.says(/Finishing the requests in progress \(SIGTERM\)/)
  // A duplicate, such as the one that npm forwards, does not count as a second signal.
  main.child.kill('SIGTERM')
  // The service prints the line before it stops listening.
  const isServed = async (): Promise<boolean> =>
    await fetch(`${url}/health/live`, { signal: AbortSignal.timeout(1000) }).then(
      () => true,
      () => false,
    )
  while (await isServed());
  await release()
  expect((await response).status).toBe(200)
  expect(await main.ended).toBe(0)
})

test('on a second signal, the service exits at once with 1', async () => {
  await using database = await createTestDatabase()
  await disableLockTimeout(database)
  await using main = startServiceProcess({ cwd: directory.path, env: settingsFor(database) })
  const { response, release } = await startMutation(database, main)
  main.child.kill('SIGTERM')
  await main.says(/send the signal again to stop at once/)
  expect(await main.end('SIGINT')).toBe(1)
  await expect(response).rejects.toThrow('fetch failed')
  await release()
})

test('idle connections and incomplete requests do not delay the exit', async () => {
  await using database = await createTestDatabase()
  await using main = startServiceProcess({ cwd: directory.path, env: settingsFor(database) })
  const url = await main.url()
  async function open(text: string): Promise<{ closed: Promise<unknown> }> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const closed = new Promise((resolve) =>
      socket
        .resume()
        .on('error', () => {})
        .on('close', resolve),
    )
    await new Promise<void>((resolve) => socket.write(text, () => resolve()))
    return { closed }
  }
  const incomplete =
    'POST /trpc/tasks.create HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"half'
  const opened = [await open(''), await open('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n'), await open(incomplete)]
  expect((await fetch(`${url}/health/live`)).status).toBe(200)
  expect(await main.end()).toBe(0)
  await Promise.all(opened.map(async ({ closed }) => await closed))
})

test('on a signal while it starts the embedded database, the service exits with 0', async () => {
  await using own = await temporaryDirectory()
  await using main = startServiceProcess({ cwd: own.path })
  await main.says(/Started the embedded PostgreSQL/)
  expect(await main.end()).toBe(0)
})

test('on a signal while it waits for the database, the service exits with 0', async () => {
  await using database = await createTestDatabase()
  await using main = startServiceProcess({ cwd: directory.path, env: settingsFor(database, 1) })
  await main.url()
  expect(await main.end()).toBe(0)
})
