import { createClient, signUp } from '@taskwire/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServiceProcess, startServiceProcess, temporaryDirectory } from './testing/process.ts'

// Allocated bytes measure what handling a call costs, and are the same on every machine and under any load.

/**
 * On SIGUSR2 the process prints how many bytes it has allocated since it started, and how many of them survived garbage
 * collection in the young generation.
 */
const REPORTER = `import { GCProfiler, getHeapStatistics } from 'node:v8'
const profiler = new GCProfiler()
profiler.start()
let survived = 0
const old = (heap) => heap.heapSpaceStatistics.find(({ spaceName }) => spaceName === 'old_space').spaceUsedSize
process.on('SIGUSR2', () => {
  for (const { gcType, beforeGC, afterGC } of profiler.stop().statistics)
    if (gcType === 'Scavenge') survived += old(afterGC) - old(beforeGC)
  profiler.start()
  process.stderr.write('allocated ' + getHeapStatistics().total_allocated_bytes + ', survived ' + survived + '\\n')
})`

let main: ServiceProcess
let url: string
let headers: Record<string, string>
let id: string
const cleanUp = new AsyncDisposableStack()
beforeAll(async () => {
  const { path: cwd } = cleanUp.use(await temporaryDirectory())
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(REPORTER)}`
  main = cleanUp.use(startServiceProcess({ cwd, env: { NODE_OPTIONS, RATE_LIMIT_PER_MINUTE: '1000000' } }))
  url = await main.url()
  const { token } = await signUp({ url, email: 'ada@example.com', password: 'correct horse', name: 'Ada' })
  headers = { authorization: `Bearer ${token}` }
  const tasks = Array.from({ length: 60 }, (_, nr) => ({ title: `Task ${nr}` }))
  const { tasks: created } = await createClient({ url, token }).tasks.createMany.mutate({ tasks })
  id = created[0]?.id ?? ''
})
afterAll(async () => await cleanUp.disposeAsync())

// Enough to fill the young generation several times.
const CALLS = 1500

let reports = 0
async function readReport(): Promise<{ allocated: number; survived: number }> {
  main.child.kill('SIGUSR2')
  const [, allocated, survived] = await main.says(
    new RegExp(`(?:allocated (\\d+), survived (\\d+)\\n[^]*){${++reports}}$`),
  )
  return { allocated: Number(allocated), survived: Number(survived) }
}

/** The limits are 1.5 times the measured allocated bytes, and twice the measured surviving bytes. */
test.each([
  ['system.health', () => ({}), { allocated: 54_000, survived: 600 }],
  ['tasks.get', () => ({ id }), { allocated: 96_000, survived: 1600 }],
  ['tasks.list', () => ({}), { allocated: 300_000, survived: 2100 }],
])('%s allocates a bounded number of bytes, few of which survive', async (path, input, most) => {
  const address = `${url}/trpc/${path}?input=${encodeURIComponent(JSON.stringify(input()))}`
  const call = async (times: number): Promise<void> => {
    for (let nr = 0; nr < times; nr++) {
      const answer = await fetch(address, { headers })
      await answer.arrayBuffer()
      expect(answer.status).toBe(200)
    }
  }
  // Warms up the compiler.
  await call(1500)
  const before = await readReport()
  await call(CALLS)
  const after = await readReport()
  const allocated = Math.round((after.allocated - before.allocated) / CALLS)
  const survived = Math.round((after.survived - before.survived) / CALLS)
  process.stdout.write(`${path}: ${allocated} bytes a call, of which ${survived} survive\n`)
  expect(allocated).toBeLessThan(most.allocated)
  expect(survived).toBeLessThan(most.survived)
})
