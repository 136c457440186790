import { connect } from 'node:net'
import { connectOnce } from '@taskwire/db'
import { createTestDatabase, type TestDatabase } from '@taskwire/db/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { metric, until } from '../testing/metrics.ts'
import { type Main, settingsFor, signUpAt, startMain, startPostgres, temporaryDirectory } from '../testing/process.ts'

const postgres = await startPostgres()
const directory = await temporaryDirectory()
afterAll(async () => {
  await postgres[Symbol.asyncDispose]()
  await directory[Symbol.asyncDispose]()
})

/** Who waits for a lock waits for as long as the test holds it, on a busy machine too. */
async function bePatient(database: TestDatabase): Promise<void> {
  await using admin = await connectOnce({ address: database.admin, applicationName: 'taskwire-test' })
  await admin.sql`alter role taskwire_app in database ${admin.sql(database.app.database)} set lock_timeout = 0`
}
async function allThere(url: string, processes: string): Promise<void> {
  await until(async () => (await metric(url, 'taskwire_processes')) === Number(processes))
}

/** A mutation that is under way, since its user's lock is held. */
async function underWay(
  database: TestDatabase,
  main: Main,
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
    body: JSON.stringify({ title: 'under way' }),
  })
  // Its failure is looked at by who awaits it.
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

describe.each(['1', '2'])('with WORKERS=%s', (WORKERS) => {
  test('SIGTERM: what is under way is finished, nothing new is taken, and it exits with 0', async () => {
    await using database = await createTestDatabase()
    await bePatient(database)
    await using main = startMain({ cwd: directory.path, env: { ...settingsFor(database), WORKERS } })
    await allThere(await main.url(), WORKERS)
    const { response, release } = await underWay(database, main)
    const url = await main.url()
    main.child.kill('SIGTERM')
    await main.says(/Finishing what is under way \(SIGTERM\)/)
    // npm passes on what a terminal or systemd has sent to both: it is no second one.
    main.child.kill('SIGTERM')
    // It says so first, and then stops listening. Of several, a connection that comes as the last one closes is
    // answered by nobody (docs/adr/0018-several-processes.md).
    const taken = async (): Promise<boolean> =>
      await fetch(`${url}/health/live`, { signal: AbortSignal.timeout(1000) }).then(
        () => true,
        () => false,
      )
    while (await taken());
    await release()
    expect((await response).status).toBe(200)
    expect(await main.ended).toBe(0)
  })

  test('a second signal ends it at once, with 1', async () => {
    await using database = await createTestDatabase()
    await bePatient(database)
    await using main = startMain({ cwd: directory.path, env: { ...settingsFor(database), WORKERS } })
    await allThere(await main.url(), WORKERS)
    const { response, release } = await underWay(database, main)
    main.child.kill('SIGTERM')
    await main.says(/again to stop at once/)
    expect(await main.end('SIGINT')).toBe(1)
    await expect(response).rejects.toThrow('fetch failed')
    await release()
  })

  test('connections that are idle, or never end what they send, do not keep it', async () => {
    await using database = await createTestDatabase()
    await using main = startMain({ cwd: directory.path, env: { ...settingsFor(database), WORKERS } })
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
    const half =
      'POST /trpc/tasks.create HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"half'
    const opened = [await open(''), await open('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n'), await open(half)]
    expect((await fetch(`${url}/health/live`)).status).toBe(200)
    expect(await main.end()).toBe(0)
    await Promise.all(opened.map(async ({ closed }) => await closed))
  })

  test('told to stop while it waits for a database, it exits with 0', async () => {
    await using database = await createTestDatabase()
    await using main = startMain({ cwd: directory.path, env: { ...settingsFor(database, 1), WORKERS } })
    await main.url()
    expect(await main.end()).toBe(0)
  })
})
