/** Checks which field a word with a meaning becomes, and that the word is exported again. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ACCOUNT, input, stored, storedDraft } from './testing/fixtures.ts'
import { exportTodotxt, importTodotxt } from './todotxt.ts'
import type { TaskDraft } from './types.ts'

fc.configureGlobal({ seed: Number(process.env['TASKWIRE_SEED']) })

function read(line: string): TaskDraft {
  const [task] = importTodotxt(input(line, 'todo.txt')).tasks
  if (task === undefined) throw new Error(`no task in ${line}`)
  return task
}

function exported(line: string): string {
  return exportTodotxt([storedDraft(read(line))])
}

/** Imports and exports a line, and removes the dates and the id that were added. */
function reexport(line: string): string {
  return exported(line)
    .replaceAll('2026-01-02 ', '')
    .replace(/ taskwire-id:\S+\n$/u, '')
}

describe('a project or context within a sentence stays in the title', () => {
  test.each([
    ['Call @phone mum about +house roof', 'Call @phone mum about +house roof', 'house', ['phone']],
    ['Meet with @boss', 'Meet with @boss', null, ['boss']],
    ['Call @mum @phone', 'Call @mum', null, ['mum', 'phone']],
    ['Paint the +shed @tools', 'Paint the +shed', 'shed', ['tools']],
    ['@bob will call back', '@bob will call back', null, ['bob']],
    ['Buy milk @shop', 'Buy milk', null, ['shop']],
    ['+garden Plan the beds @home', 'Plan the beds', 'garden', ['home']],
    ['Mow +garden due:2026-05-01 @home', 'Mow', 'garden', ['home']],
  ])('%s', (line, title, list, tags) => {
    expect(read(line)).toMatchObject({ title, list, tags })
  })
})

test.each([
  'Call @phone mum about +house roof',
  'Meet with @boss',
  'Call @mum @phone',
  '@bob will call back',
  '(A) Water plants rec:+1w t:2026-05-01 due:2026-05-02',
  '(B) Two ranks pri:C',
  'Read chapter:3 note:long url:https://example.org/a?b=c h:1',
  'Pay some day due:today pri:high',
  'x Prune roses rec:1y t:2026-03-01 +garden',
  '2 + 2 @ home',
])('%s is exported unchanged', (line) => {
  expect(reexport(line)).toBe(line)
})

test('words without a meaning for the task are quoted', () => {
  const line = exportTodotxt([stored({ title: 'ask @bob due:2026-01-01 pri:A +p' })])
  expect(line).toContain('ask "@bob" "due:2026-01-01" "pri:A" "+p"')
})

test('any line has the same meaning after export', () => {
  const words = fc.constantFrom(
    'x (A) (E) 2026-05-01 Call mum with the +house +roof @phone @bob "+q" a:b + @'.split(' '),
    'due:2026-05-02 due:2026-02-30 due:today pri:B pri:high rec:+1w t:2026-05-01'.split(' '),
  )
  const line = fc.array(
    words.chain((some) => fc.constantFrom(...some)),
    { minLength: 1, maxLength: 9 },
  )
  fc.assert(
    fc.property(line, (parts) => {
      const text = parts.join(' ')
      const { source, ...task } = read(text)
      expect(read(exported(text))).toMatchObject({ ...task, source: { line: source.line } })
    }),
    { numRuns: 1000 },
  )
})

test('a file without times does not depend on the account', () => {
  const line = 'x 2026-05-01 Pay due:2026-05-02'
  const there = importTodotxt({ ...input(line, 'todo.txt'), timeZone: 'Asia/Tokyo', now: new Date(0) })
  expect(there).toEqual(importTodotxt({ ...input(line, 'todo.txt'), ...ACCOUNT }))
})
