import { expect, test } from 'vitest'
import { run } from './isolation.ts'

const seed = Number(process.env['TASKWIRE_SEED'])
const options = { seed, size: 'short', print: (line: string) => console.log(line) } as const

test(`with another user's ids nobody reads or changes anything, with both protections or either alone (TASKWIRE_SEED=${seed})`, async () => {
  expect((await run(options)).violations).toEqual([])
})

test('the negative control is detected: with neither protection, and with open spaces', async () => {
  const { violations } = await run({ ...options, isNegativeControl: true })
  expect(violations.join('\n')).toMatch(/returned c[0-9a-f]{32}/)
  expect(violations.join('\n')).toMatch(/have changed/)
  expect(violations.join('\n')).toMatch(/open spaces: .* acted in the other user's space/)
})
