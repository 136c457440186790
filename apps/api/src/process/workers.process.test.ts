import { createServer } from 'node:net'
import { createClient } from '@taskwire/client'
import { createTestDatabase } from '@taskwire/db/testing'
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

/** Uses a new connection for each request, so that requests go to the processes in turn. */
const get = async (url: string): Promise<Response> => await fetch(url, { headers: { connection: 'close' } })

async function readMetric(url: string, name: string): Promise<number> {
  const text = await (await get(`${url}/metrics`)).text()
  const line = text.split('\n').find((one) => one.startsWith(`${name} `))
  return Number(line?.slice(name.length))
}
async function untilServing(url: string, processes: number): Promise<void> {
  while ((await readMetric(url, 'taskwire_processes')) !== processes);
}
/** Returns the ids of the processes that have logged a message with this beginning. */
function pidsThatLogged({ log }: ServiceProcess, message: string): number[] {
  const lines = log()
    .split('\n')
    .flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as { pid: number; msg: string }] : []))
  return [...new Set(lines.filter(({ msg }) => msg.startsWith(message)).map(({ pid }) => pid))]
}

test('several processes serve one port in turn, with their metrics summed, and one migrates', async () => {
  await using database = await createTestDatabase()
  await using main = startServiceProcess({ cwd: directory.path, env: { ...settingsFor(database), WORKERS: '3' } })
  const url = await main.url()
  await untilServing(url, 3)
  const { token } = await signUpAt(url)
  for (let n = 0; n < 9; n++) {
    const headers = { authorization: `Bearer ${token}`, connection: 'close' }
    expect((await fetch(`${url}/trpc/tasks.list`, { headers })).status).toBe(200)
  }
  // Every process returns the sum.
  for (let n = 0; n < 3; n++)
    expect(await readMetric(url, 'taskwire_calls_total{procedure="tasks.list",outcome="OK"}')).toBe(9)
  expect(await main.end()).toBe(0)
  const served = pidsThatLogged(main, 'request')
  expect(served).toHaveLength(3)
  expect(served).not.toContain(main.child.pid)
  expect(main.said().match(/Taskwire is at/g)).toHaveLength(1)
})

test('a process that dies is replaced, and the others serve meanwhile', async () => {
  await using database = await createTestDatabase()
  await using main = startServiceProcess({ cwd: directory.path, env: { ...settingsFor(database), WORKERS: '2' } })
  const url = await main.url()
  const { token } = await signUpAt(url)
  const client = createClient({ url, token })
  // The log is written with a delay.
  while (pidsThatLogged(main, 'Server listening').length < 2) await get(`${url}/health/live`)
  for (const pid of pidsThatLogged(main, 'Server listening')) {
    await untilServing(url, 2)
    process.kill(pid, 'SIGKILL')
    await client.tasks.create.mutate({ title: `after ${pid}` })
    await main.says(new RegExp(`Worker process ${pid} exited \\(SIGKILL\\); starting another`))
  }
  await untilServing(url, 2)
  expect((await client.tasks.count.query({})).total).toBe(2)
  // The counts of ended processes are kept.
  expect(await readMetric(url, 'taskwire_calls_total{procedure="tasks.create",outcome="OK"}')).toBe(2)
  expect(await main.end()).toBe(0)
})

test('starting a process is retried, and the others serve meanwhile', async () => {
  await using database = await createTestDatabase()
  // Each SIGUSR2 makes the executable of new processes invalid, or valid again.
  const script = `let real; process.on('SIGUSR2', () => { [process.execPath, real] = [real ?? '/gone', process.execPath] })`
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(script)}`
  const env = { ...settingsFor(database), WORKERS: '2', NODE_OPTIONS }
  await using main = startServiceProcess({ cwd: directory.path, env })
  const url = await main.url()
  const { token } = await signUpAt(url)
  await untilServing(url, 2)
  while (pidsThatLogged(main, 'Server listening').length < 2) await get(`${url}/health/live`)
  main.child.kill('SIGUSR2')
  process.kill(pidsThatLogged(main, 'Server listening')[0] ?? 0, 'SIGKILL')
  await main.says(/A worker process cannot be started \(spawn .*ENOENT\); retrying/)
  await createClient({ url, token }).tasks.create.mutate({ title: 'by the other process' })
  expect(await readMetric(url, 'taskwire_processes')).toBe(1)
  main.child.kill('SIGUSR2')
  await untilServing(url, 2)
  expect(await main.end()).toBe(0)
})

test('a signal while processes start, on the embedded database, ends all of them, with 0', async () => {
  await using own = await temporaryDirectory()
  await using main = startServiceProcess({ cwd: own.path, env: { WORKERS: '3' } })
  await main.url()
  expect(await main.end()).toBe(0)
  await using early = startServiceProcess({ cwd: own.path, env: { WORKERS: '3' } })
  await early.says(/Started the embedded PostgreSQL/)
  expect(await early.end()).toBe(0)
})

test('an error that prevents the start is printed once, and the exit code is 1', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const address = taken.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  await using database = await createTestDatabase()
  const env = { ...settingsFor(database), WORKERS: '3' }
  await using busyPort = startServiceProcess({ cwd: directory.path, env: { ...env, PORT: String(port) } })
  expect(await busyPort.ended).toBe(1)
  expect(busyPort.said()).toBe(
    `Port ${port} is in use on 127.0.0.1: stop what listens there, or set PORT to another.\n`,
  )
  taken.close()
  await using wrongSetting = startServiceProcess({ cwd: directory.path, env: { ...env, WORKERS: 'many' } })
  expect(await wrongSetting.ended).toBe(1)
  expect(wrongSetting.said()).toContain('WORKERS is not a whole number; use one from 1 to 64')
})
