import { createClient, signUp } from '@taskwire/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Main, startMain, temporaryDirectory } from './testing/process.ts'

// Measures the cost of calls by the bytes that they allocate, which do not depend on the machine or its load.

/** On SIGUSR2 the process prints the bytes allocated since its start, and how many of them outlived the young generation. */
const REPORTER = `import { GCProfiler, getHeapStatistics } from 'node:v8'
const profiler = new GCProfiler()
profiler.start()
let outlived = 0
const old = (heap) => heap.heapSpaceStatistics.find(({ spaceName }) => spaceName === 'old_space').spaceUsedSize
process.on('SIGUSR2', () => {
  for (const { gcType, beforeGC, afterGC } of profiler.stop().statistics)
    if (gcType === 'Scavenge') outlived += old(afterGC) - old(beforeGC)
  profiler.start()
  process.stderr.write('allocated ' + getHeapStatistics().total_allocated_bytes + ', outlived ' + outlived + '\\n')
})`

let main: Main
let url: string
let headers: Record<string, string>
let id: string
const cleanUp = new AsyncDisposableStack()
beforeAll(async () => {
  const { path: cwd } = cleanUp.use(await temporaryDirectory())
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(REPORTER)}`
  main = cleanUp.use(startMain({ cwd, env: { NODE_OPTIONS, RATE_LIMIT_PER_MINUTE: '1000000' } }))
  url = await main.url()
  const { token } = await signUp({ url, email: 'ada@example.com', password: 'correct horse', name: 'Ada' })
  headers = { authorization: `Bearer ${token}` }
  const tasks = Array.from({ length: 60 }, (_, nr) => ({ title: `Task ${nr}` }))
  const made = await createClient({ url, token }).tasks.createMany.mutate({ tasks })
  id = made.tasks[0]?.id ?? ''
})
afterAll(async () => await cleanUp.disposeAsync())

// Enough to fill the young generation several times.
const CALLS = 1500

let reports = 0
async function readReport(): Promise<{ allocated: number; outlived: number }> {
  main.child.kill('SIGUSR2')
  const [, allocated, outlived] = await main.says(
    new RegExp(`(?:allocated (\\d+), outlived (\\d+)\\n[^]*){${++reports}}$`),
  )
  return { allocated: Number(allocated), outlived: Number(outlived) }
}

/** The limits are 1.5 times the measured bytes, and twice those that outlive the young generation. */
test.each([
  ['system.health', () => ({}), { allocated: 54_000, outlived: 600 }],
  ['tasks.get', () => ({ id }), { allocated: 96_000, outlived: 1600 }],
  ['tasks.list', () => ({}), { allocated: 165_000, outlived: 1600 }],
])('%s allocates a bounded number of bytes, few of which outlive the young generation', async (path, input, most) => {
  const address = `${url}/trpc/${path}?input=${encodeURIComponent(JSON.stringify(input()))}`
  const call = async (times: number): Promise<void> => {
    for (let nr = 0; nr < times; nr++) {
      const answer = await fetch(address, { headers })
      await answer.arrayBuffer()
      expect(answer.status).toBe(200)
    }
  }
  // Warms up, until the code is optimised.
  await call(1500)
  const before = await readReport()
  await call(CALLS)
  const after = await readReport()
  const allocated = Math.round((after.allocated - before.allocated) / CALLS)
  const outlived = Math.round((after.outlived - before.outlived) / CALLS)
  process.stdout.write(`${path}: ${allocated} bytes per call, of which ${outlived} outlive the young generation\n`)
  expect(allocated).toBeLessThan(most.allocated)
  expect(outlived).toBeLessThan(most.outlived)
})
