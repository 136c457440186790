import { expect, test } from 'vitest'
import { run } from './fuzz.ts'

const seed = Number(process.env['TASKWIRE_SEED'])
const options = { seed, size: 'short', print: (line: string) => console.log(line) } as const

test(`malformed input causes no 5xx, no crash and no leak (TASKWIRE_SEED=${seed})`, async () => {
  expect((await run(options)).violations).toEqual([])
})

test('the negative control is detected: a constraint that only some titles violate', async () => {
  const { violations } = await run({ ...options, isNegativeControl: true, calls: 20_000 })
  expect(violations.join('\n')).toMatch(/^INTERNAL: /m)
  expect(violations.join('\n')).toMatch(/^the log has an error: /m)
})
