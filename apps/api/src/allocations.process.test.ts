import { createClient, signUp } from '@taskwire/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Main, startMain, temporaryDirectory } from './process-testing.ts'

// What a call allocates says what its handling costs, alike on every machine and under any load.

/** Told by SIGUSR2, the process says how many bytes it has allocated since it began. */
const TELL = `import { getHeapStatistics } from 'node:v8'
process.on('SIGUSR2', () => process.stderr.write('allocated ' + getHeapStatistics().total_allocated_bytes + '\\n'))`

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

let told = 0
async function allocated(): Promise<number> {
  main.child.kill('SIGUSR2')
  return Number((await main.says(new RegExp(`(?:allocated (\\d+)\\n[^]*){${++told}}$`)))[1])
}

/** Limits are half as much again as was seen. */
test.each([
  ['system.health', () => ({}), 64_000],
  ['tasks.get', () => ({ id }), 106_000],
  ['tasks.list', () => ({}), 166_000],
])('%s allocates a bounded number of bytes', async (path, input, most) => {
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
  const before = await allocated()
  await call(500)
  const bytes = Math.round(((await allocated()) - before) / 500)
  process.stdout.write(`${path}: ${bytes} bytes a call\n`)
  expect(bytes).toBeLessThan(most)
})
