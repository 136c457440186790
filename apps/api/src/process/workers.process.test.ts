import { createServer } from 'node:net'
import { createClient } from '@taskwire/client'
import { createTestDatabase } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import { type Main, settingsFor, signUpAt, startMain, startPostgres, temporaryDirectory } from '../testing/process.ts'

const postgres = await startPostgres()
const directory = await temporaryDirectory()
afterAll(async () => {
  await postgres[Symbol.asyncDispose]()
  await directory[Symbol.asyncDispose]()
})

/** Each request by a connection of its own, so that they go to the processes in turn. */
const get = async (url: string): Promise<Response> => await fetch(url, { headers: { connection: 'close' } })

async function figure(url: string, name: string): Promise<number> {
  const text = await (await get(`${url}/metrics`)).text()
  const line = text.split('\n').find((one) => one.startsWith(`${name} `))
  return Number(line?.slice(name.length))
}
async function untilThere(url: string, processes: number): Promise<void> {
  while ((await figure(url, 'taskwire_processes')) !== processes);
}
/** The processes that have logged this, by their ids. */
function whoLogged({ log }: Main, what: string): number[] {
  const lines = log()
    .split('\n')
    .flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as { pid: number; msg: string }] : []))
  return [...new Set(lines.filter(({ msg }) => msg.startsWith(what)).map(({ pid }) => pid))]
}

test('several processes serve one port in turn, with one set of figures, and one migrates', async () => {
  await using database = await createTestDatabase()
  await using main = startMain({ cwd: directory.path, env: { ...settingsFor(database), WORKERS: '3' } })
  const url = await main.url()
  await untilThere(url, 3)
  const { token } = await signUpAt(url)
  for (let n = 0; n < 9; n++) {
    const headers = { authorization: `Bearer ${token}`, connection: 'close' }
    expect((await fetch(`${url}/trpc/tasks.list`, { headers })).status).toBe(200)
  }
  // Whoever is asked, it is the sum.
  for (let n = 0; n < 3; n++)
    expect(await figure(url, 'taskwire_calls_total{procedure="tasks.list",outcome="OK"}')).toBe(9)
  expect(await main.end()).toBe(0)
  const served = whoLogged(main, 'request')
  expect(served).toHaveLength(3)
  expect(served).not.toContain(main.child.pid)
  expect(main.said().match(/Taskwire is at/g)).toHaveLength(1)
})

test('one that dies is replaced, and its callers go on meanwhile', async () => {
  await using database = await createTestDatabase()
  await using main = startMain({ cwd: directory.path, env: { ...settingsFor(database), WORKERS: '2' } })
  const url = await main.url()
  const { token } = await signUpAt(url)
  const client = createClient({ url, token })
  // The log is written some time later.
  while (whoLogged(main, 'Server listening').length < 2) await get(`${url}/health/live`)
  for (const pid of whoLogged(main, 'Server listening')) {
    await untilThere(url, 2)
    process.kill(pid, 'SIGKILL')
    await client.tasks.create.mutate({ title: `after ${pid}` })
    await main.says(new RegExp(`Process ${pid} has ended \\(SIGKILL\\); another takes its place`))
  }
  await untilThere(url, 2)
  expect((await client.tasks.count.query({})).total).toBe(2)
  // What the dead had counted is still there.
  expect(await figure(url, 'taskwire_calls_total{procedure="tasks.create",outcome="OK"}')).toBe(2)
  expect(await main.end()).toBe(0)
})

test('one that cannot be started is tried again, and the others go on', async () => {
  await using database = await createTestDatabase()
  // At each SIGUSR2 the program that a process is made from is gone, and back.
  const script = `let real; process.on('SIGUSR2', () => { [process.execPath, real] = [real ?? '/gone', process.execPath] })`
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(script)}`
  const env = { ...settingsFor(database), WORKERS: '2', NODE_OPTIONS }
  await using main = startMain({ cwd: directory.path, env })
  const url = await main.url()
  const { token } = await signUpAt(url)
  await untilThere(url, 2)
  while (whoLogged(main, 'Server listening').length < 2) await get(`${url}/health/live`)
  main.child.kill('SIGUSR2')
  process.kill(whoLogged(main, 'Server listening')[0] ?? 0, 'SIGKILL')
  await main.says(/A process cannot be started \(spawn .*ENOENT\); trying again/)
  await createClient({ url, token }).tasks.create.mutate({ title: 'by the other' })
  expect(await figure(url, 'taskwire_processes')).toBe(1)
  main.child.kill('SIGUSR2')
  await untilThere(url, 2)
  expect(await main.end()).toBe(0)
})

test('told to stop while others start, on the embedded database, all end, and with 0', async () => {
  await using own = await temporaryDirectory()
  await using main = startMain({ cwd: own.path, env: { WORKERS: '3' } })
  await main.url()
  expect(await main.end()).toBe(0)
  await using early = startMain({ cwd: own.path, env: { WORKERS: '3' } })
  await early.says(/Started the embedded PostgreSQL/)
  expect(await early.end()).toBe(0)
})

test('what keeps it from starting is said once, and ends it with 1', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const address = taken.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  await using database = await createTestDatabase()
  const env = { ...settingsFor(database), WORKERS: '3' }
  await using late = startMain({ cwd: directory.path, env: { ...env, PORT: String(port) } })
  expect(await late.ended).toBe(1)
  expect(late.said()).toBe(`Port ${port} is in use on 127.0.0.1: stop what listens there, or set PORT to another.\n`)
  taken.close()
  await using wrong = startMain({ cwd: directory.path, env: { ...env, WORKERS: 'many' } })
  expect(await wrong.ended).toBe(1)
  expect(wrong.said()).toContain('WORKERS is not a whole number; give one from 1 to 64')
})
