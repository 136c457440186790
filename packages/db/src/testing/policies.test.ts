import { expect, test } from 'vitest'
import { DEFINER_FUNCTIONS, readFunctions } from '../function-set.ts'
import { functionWithoutPredicates, withoutPredicates } from './policies.ts'

test.each([
  ['t.space_id = tw.space() and t.id = $1', 'true and t.id = $1'],
  ['where space_id = tw.space()', 'where true'],
  ['s.id = tw.space()', 'true'],
  ['k.user_id = tw.account()', 'true'],
  ['where u.id = tw.account() or u.id = $1', 'where true or u.id = $1'],
  // No predicates: a value that is selected, and one that is compared with a list scope.
  ['select tw.space(), tw.account()', 'select tw.space(), tw.account()'],
  [
    'case when l is null then tw.space() else l end = list_scope',
    'case when l is null then tw.space() else l end = list_scope',
  ],
  // A space is not compared with an account.
  ['t.space_id = tw.account()', 't.space_id = tw.account()'],
  ['k.user_id = tw.space()', 'k.user_id = tw.space()'],
])('in a statement and in a function %s becomes %s', (text, expected) => {
  expect(withoutPredicates(text)).toBe(expected)
  expect(functionWithoutPredicates(text)).toBe(expected)
})

test.each(['t.space_id = space', 't.space_id = c.space_id', 'space_id = u', 's.id = space', 't.space_id = $2'])(
  'in a function only, %s is a predicate',
  (text) => {
    expect(withoutPredicates(`${text} and t.id = self`)).toBe(`${text} and t.id = self`)
    expect(functionWithoutPredicates(`${text} and t.id = self`)).toBe('true and t.id = self')
  },
)

test('the predicates of clauses that a function receives are removed when it runs them', () => {
  const text = "execute 'select from tw.tasks t where t.space_id = $2 and (' || clauses || ') order by t.id'"
  expect(functionWithoutPredicates(text)).toBe(
    "execute 'select from tw.tasks t where true and (' || replace(clauses, 't.space_id = tw.space()', 't.id = t.id') || ') order by t.id'",
  )
})

// A predicate of another form would not be removed, and the run with policies only would not test its function.
test('each table that a function reads as its caller has a predicate, which is removed', () => {
  const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length
  const functions = readFunctions()
    .files.filter(({ schema, name }) => schema === 'tw' && !DEFINER_FUNCTIONS.includes(name))
    .map(({ name, text }) => ({
      name,
      tables: count(text, /\b(?:from|join|using|update) (?:only )?(?:tw|auth)\.(?!\w+\()\w+/g),
      predicates: count(functionWithoutPredicates(text), /\btrue\b/g) - count(text, /\btrue\b/g),
    }))
  expect(functions.filter(({ tables }) => tables > 0).length).toBeGreaterThanOrEqual(4)
  for (const { name, tables, predicates } of functions) expect([name, predicates]).toEqual([name, tables])
})
