import { expect, test } from 'vitest'
import { run } from './isolation.ts'

const seed = Number(process.env['TASKWIRE_SEED'])
const options = { seed, size: 'short', say: (line: string) => console.log(line) } as const

test(`no swapped name shows or changes anything of another's, whichever wall stands (TASKWIRE_SEED=${seed})`, async () => {
  expect((await run(options)).red).toEqual([])
})

test('without walls it is seen, and where spaces are open', async () => {
  const { red } = await run({ ...options, saboteur: true })
  expect(red.join('\n')).toMatch(/told c[0-9a-f]{32}/)
  expect(red.join('\n')).toMatch(/have changed/)
  expect(red.join('\n')).toMatch(/open spaces: .* acted in another's space/)
})
