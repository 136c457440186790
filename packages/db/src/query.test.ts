import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { composedQuery, fill, queriesDirectory, query, readQueryFile, readQueryParts, conditionsOf } from './query.ts'
import { committedTextsOf, predicatesIn, queryNames } from './testing/queries.ts'

const caller = { credential: new Uint8Array([1]), actingAs: null, spaceId: null }

test.each(queryNames)('%s begins with its name, and declares how many predicates it has', (name) => {
  const file = readFileSync(join(queriesDirectory, `${name}.sql`), 'utf8')
  expect(file).toMatch(new RegExp(`^-- ${name}: .`))
  expect(/^-- predicates: (\d+)$/m.exec(file)?.[1]).toBe(String(predicatesIn(file)))
})

// Every query begins with the authentication of credentials.verify; its own text follows.
test.each(queryNames.filter((name) => readQueryFile(name).text !== ''))('%s authenticates first', (name) => {
  const { text } = readQueryFile(name)
  const [first] = readQueryFile('credentials.verify').text.split('  select true as is_row')
  expect(text.startsWith(String(first))).toBe(true)
  expect(text.endsWith('\n) result on true')).toBe(true)
  expect(text.match(/select true as is_row/g)).toHaveLength(1)
})

test('a query is the text of its file, with numbered parameters', () => {
  const { text, parameters } = query('tasks.get', ['id']).with({ id: 'the id' }).statement(caller, 'tasks:read')
  const file = readFileSync(join(queriesDirectory, 'tasks.get.sql'), 'utf8')
  const body = file.slice(file.indexOf('\nselect') + 1).trimEnd()
  const names = [':space', ':credential', ':acting', ':need', ':id']
  expect(text).toBe(`-- tasks.get\n${names.reduce((all, name, at) => all.replaceAll(name, `$${at + 1}`), body)}`)
  expect(parameters).toEqual([null, '\\x01', null, 'tasks:read', 'the id'])
})

test('query() throws if the file has other parameters, or does not exist', () => {
  expect(() => query('tasks.get')).toThrow(/^tasks.get.sql has the parameters acting,credential,id,need,space, and not/)
  expect(() => query('tasks.get', ['id', 'list'])).toThrow(/^tasks.get.sql has the parameters/)
  expect(() => query('tasks.gone')).toThrow(/ENOENT/)
})

test('parts are read by name, with placeholders expanded and without comments', () => {
  const directory = mkdtempSync(join(tmpdir(), 'taskwire-queries-'))
  const text = `-- x: a :comment and a {placeholder}\n-- predicates: 0\n\n-- [one two]\n-- Why.\nt.a = {b}\n\n-- All of these.\n\n-- [b]\n:b::int\n`
  writeFileSync(join(directory, 'x.sql'), text)
  expect(readQueryFile('x', directory)).toEqual({ text: '', parts: { 'one two': 't.a = :b::int', b: ':b::int' } })
  expect(() => readQueryParts('tasks.filter', ['own', 'owned'])).toThrow('tasks.filter.sql has no part [owned]')
})

test('a placeholder without a replacement, and a parameter without a value, throw', () => {
  expect(fill('{a} and {b c}', { a: '$1', 'b c': '{b}' })).toBe('$1 and {b}')
  expect(() => fill('{a} and {b}', { a: 'x' })).toThrow('The placeholder {b} has no replacement')
  expect(() => composedQuery('x', 'select :a', {}).statement(caller, '')).toThrow(/^Parameter 1 is undefined/)
  expect(() => conditionsOf('t.a = :a', {})).toThrow(/^Parameter 1 is undefined/)
})

// tasks.bulk passes them as elements of one text array, so each needs a cast.
test('each parameter of a filter has a cast', () => {
  const all = Object.values(readQueryFile('tasks.filter').parts).join('\n')
  expect([...all.matchAll(/[^:]:[a-z]\w*(?!\w|::)/g)].map(([found]) => found)).toEqual([])
})

test('a name used twice is one parameter; a cast and a slice are not parameters', () => {
  const text = `select x[1 : :to::int], :a::text, '09:30'::time, :to::int`
  expect(composedQuery('x', text, { to: 2, a: 'b', more: 1 }).statement(caller, '')).toEqual({
    text: `-- x\nselect x[1 : $1::int], $2::text, '09:30'::time, $1::int`,
    parameters: ['2', 'b'],
  })
  expect(conditionsOf(text, { to: 2, a: 'b' })).toEqual({
    text: `select x[1 : $1[1]::int], $1[2]::text, '09:30'::time, $1[1]::int`,
    parameters: ['2', 'b'],
  })
})

test('a text that is sent consists of committed texts only', () => {
  const { text } = query('tasks.get', ['id']).with({ id: 'x' }).statement(caller, '')
  expect(committedTextsOf({ name: 'tasks.get', text })).toEqual(['tasks.get'])
  for (const other of [`${text} `, text.replace('t.id', 't.list_id'), text.replace(' and t.id = $5::uuid', '')])
    expect(committedTextsOf({ name: 'tasks.get', text: other })).toBeUndefined()
  expect(committedTextsOf({ name: 'tasks.gone', text })).toBeUndefined()

  const { text: counted } = readQueryFile('tasks.count')
  const { own, live, overdue } = readQueryParts('tasks.filter', ['own', 'live', 'overdue'])
  const count = (filter: string): readonly string[] | undefined => {
    const whole = composedQuery('tasks.count', fill(counted, { overdue, filter }), { now: null, time_zone: null })
    return committedTextsOf({ name: 'tasks.count', text: whole.statement(caller, '').text })
  }
  const used = ['tasks.count', 'tasks.filter [overdue]', 'tasks.filter [own]']
  expect(count(own)).toEqual(used)
  expect(count(`${own}\n    and ${live}`)).toEqual([...used, 'tasks.filter [live]'])
  for (const other of [
    `${own}\n    or ${live}`,
    `${own} and ${live}`,
    `${own}\n    and t.id is not null`,
    '',
    `${own}\n    and `,
  ])
    expect(count(other)).toBeUndefined()
})
