import { createClient, signUp } from '@taskwire/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Main, startMain, temporaryDirectory } from './testing/process.ts'

// What a call allocates says what its handling costs, alike on every machine and under any load.

/**
 * Told by SIGUSR2, the process says how many bytes it has allocated since it began, and how many of them have outlived
 * the young generation.
 */
const TELL = `import { GCProfiler, getHeapStatistics } from 'node:v8'
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
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(TELL)}`
  main = cleanUp.use(startMain({ cwd, env: { NODE_OPTIONS, RATE_LIMIT_PER_MINUTE: '1000000' } }))
  url = await main.url()
  const { token } = await signUp({ url, email: 'ada@example.com', password: 'correct horse', name: 'Ada' })
  headers = { authorization: `Bearer ${token}` }
  const tasks = Array.from({ length: 60 }, (_, nr) => ({ title: `Task ${nr}` }))
  const made = await createClient({ url, token }).tasks.createMany.mutate({ tasks })
  id = made.tasks[0]?.id ?? ''
})
afterAll(async () => await cleanUp.disposeAsync())

// As many as fill the young generation several times.
const CALLS = 1500

let told = 0
async function tell(): Promise<{ allocated: number; outlived: number }> {
  main.child.kill('SIGUSR2')
  const [, allocated, outlived] = await main.says(
    new RegExp(`(?:allocated (\\d+), outlived (\\d+)\\n[^]*){${++told}}$`),
  )
  return { allocated: Number(allocated), outlived: Number(outlived) }
}

/** Limits are half as much again as was seen, of what grows old twice as much. */
test.each([
  ['system.health', () => ({}), { allocated: 54_000, outlived: 600 }],
  ['tasks.get', () => ({ id }), { allocated: 96_000, outlived: 1600 }],
  ['tasks.list', () => ({}), { allocated: 165_000, outlived: 1600 }],
])('%s allocates a bounded number of bytes, few of which grow old', async (path, input, most) => {
  const address = `${url}/trpc/${path}?input=${encodeURIComponent(JSON.stringify(input()))}`
  const call = async (times: number): Promise<void> => {
    for (let nr = 0; nr < times; nr++) {
      const answer = await fetch(address, { headers })
      await answer.arrayBuffer()
      expect(answer.status).toBe(200)
    }
  }
  // Until it is compiled as it will stay.
  await call(1500)
  const before = await tell()
  await call(CALLS)
  const after = await tell()
  const allocated = Math.round((after.allocated - before.allocated) / CALLS)
  const outlived = Math.round((after.outlived - before.outlived) / CALLS)
  process.stdout.write(`${path}: ${allocated} bytes a call, of which ${outlived} grow old\n`)
  expect(allocated).toBeLessThan(most.allocated)
  expect(outlived).toBeLessThan(most.outlived)
})
