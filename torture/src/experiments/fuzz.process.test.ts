import { expect, test } from 'vitest'
import { run } from './fuzz.ts'

const seed = Number(process.env['TASKWIRE_SEED'])
const options = { seed, size: 'short', say: (line: string) => console.log(line) } as const

test(`nothing malformed gets through (TASKWIRE_SEED=${seed})`, async () => {
  expect((await run(options)).red).toEqual([])
})

test('a fault that only chance finds is found', async () => {
  const { red } = await run({ ...options, saboteur: true, calls: 20_000 })
  expect(red.join('\n')).toMatch(/^INTERNAL: /m)
  expect(red.join('\n')).toMatch(/^the log tells of a fault: /m)
})
