import { expect, it } from 'vitest'
import { readOptions } from './options.ts'

it('has one round without warm-up in --smoke, and warm-ups of at most 20 s otherwise', () => {
  expect(readOptions(['--smoke'])).toMatchObject({ sizeName: 'smoke', rounds: 1, runMs: 200, warmLimitMs: 0 })
  for (const args of [[], ['--quick'], ['--full']]) expect(readOptions(args)).toMatchObject({ warmLimitMs: 20_000 })
})

it('limits the time of --smoke and --quick only', () => {
  expect(readOptions(['--smoke'])).toHaveProperty('endMs', 95_000)
  expect(readOptions(['--quick'])).toHaveProperty('endMs', 1_100_000)
  for (const args of [[], ['--full']]) expect(readOptions(args)).toHaveProperty('endMs', Number.POSITIVE_INFINITY)
})

it('reads names, numbers and files', () => {
  const args = '--subject floor,fair-floor --work varied,far --warm 5 --duration 0.5 --rounds 2 --seed 7 --json a.json'
  expect(readOptions(args.split(' '))).toMatchObject({
    subjects: ['floor', 'fair-floor'],
    works: ['varied', 'far'],
    warmLimitMs: 5000,
    runMs: 500,
    rounds: 2,
    seed: 7,
    json: 'a.json',
  })
})

it.each([
  [['--work', 'walk'], /Unknown name walk in --work/],
  [['--subject', 'rails'], /Unknown name rails in --subject/],
  [['--warm=-1'], /--warm must be a number of at least 0/],
  [['--rounds', '1.5'], /--rounds must be a whole number/],
  [['--quick', '--full'], /exclude each other/],
  [['--fast'], /--fast/],
])('refuses %j', (args, message) => expect(() => readOptions(args)).toThrow(message))
