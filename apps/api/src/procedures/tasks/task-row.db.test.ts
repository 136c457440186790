import { randomUUID } from 'node:crypto'
import { PRIORITIES, taskCreate, textKey } from '@taskwire/contract'
import { arrayText, openDatabase, readQueryParts } from '@taskwire/db'
import { createTestDatabase, TEXT_FIELDS } from '@taskwire/db/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { content, zone } from '../../testing/model/draws.ts'
import { checkProperty } from '../../testing/property.ts'
import { tasksOf } from './task-row.ts'

const { columns } = readQueryParts('tasks.list', ['columns'])
const database = await createTestDatabase()
const owner = openDatabase({ address: database.owner, max: 1, applicationName: 'test' })
const app = openDatabase({ address: database.app, max: 1, applicationName: 'test' })
afterAll(async () => {
  await owner.end()
  await app.end()
  await database[Symbol.asyncDispose]()
})

const SPACE = randomUUID()
const LIST = randomUUID()

// The first and the last millisecond of the contract's calendar.
const FIRST = Date.parse('0001-01-01T00:00:00.000Z')
const LAST = Date.parse('9999-12-31T23:59:59.999Z')
/** PostgreSQL leaves out the zeros at the end of a fraction. */
const instant = fc
  .tuple(fc.integer({ min: FIRST, max: LAST }), fc.constantFrom(1, 10, 100, 1000))
  .map(([ms, unit]) => ms - (((ms % unit) + unit) % unit))
  .map((ms) => new Date(Math.max(ms, FIRST)).toISOString())
const edge = fc.constantFrom('0001-01-01T00:00:00.000Z', '1969-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z')
const time = fc.oneof({ weight: 9, arbitrary: instant }, { weight: 1, arbitrary: edge })
const characters = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('\\', '"', '{', '}', ',', ' ', 'NULL', "'", '\u{e000}'), maxLength: 12 }),
)
const controls = fc.constantFrom('', 'a\nb\t\u0001\u001e\u001f\u007f\u2028')
const OPTIONAL_TEXTS = TEXT_FIELDS.filter(({ table, nullable }) => table === 'tw.tasks' && nullable)
/** What the contract makes of odd texts: it refuses some, and normalises others. */
const texts = fc
  .record({
    title: characters,
    ...Object.fromEntries(OPTIONAL_TEXTS.map(({ name }) => [name, fc.option(fc.oneof(characters, controls))])),
    tags: fc.array(characters, { maxLength: 5 }),
  })
  .map((given) => taskCreate.safeParse(given))
  .filter(({ success }) => success)
  .map(({ data }) => data)
const drawn = fc.record({
  texts,
  priority: fc.nat(PRIORITIES.length - 1),
  due: content.due,
  dueAt: time,
  created: fc.tuple(time, time).map((times) => times.toSorted()),
  completedAt: fc.option(time),
  deletedAt: fc.option(time),
  userId: fc.option(fc.uuid()),
  listId: fc.constantFrom(LIST, null),
  revision: fc.maxSafeNat().map((number) => Math.max(number, 1)),
})
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never

const COLUMNS = [
  ['user_id', 'list_id', 'title', 'tags', 'tag_keys', 'priority', 'due_date', 'due_time', 'due_zone', 'due_at'],
  ['created_at', 'updated_at', 'completed_at', 'deleted_at', 'revision'],
  OPTIONAL_TEXTS.map(({ column }) => column),
].flat()
/** The values of COLUMNS. */
const valuesOf = ({ texts: given, due, dueAt, completedAt, created: [createdAt, updatedAt], ...one }: Drawn) => {
  const { title = '', tags = [] } = given ?? {}
  const timed = due?.time === undefined ? [null, null, null] : [due.time, due.timeZone, dueAt]
  const times = [createdAt, updatedAt, completedAt, one.deletedAt]
  const lists = [arrayText(tags), arrayText(tags.map(textKey))]
  const optional = OPTIONAL_TEXTS.map(({ name }) => {
    const text: unknown = Reflect.get(given ?? {}, name)
    return typeof text === 'string' ? text : null
  })
  const plain = [one.userId, one.listId, title, ...lists, one.priority, due?.date, ...timed, ...times, one.revision]
  return [...plain, ...optional].map((value) => (value === null || value === undefined ? null : String(value)))
}
async function insert(tasks: readonly Drawn[]): Promise<void> {
  await owner.query({ text: 'delete from tw.tasks', parameters: [] })
  for (const [at, one] of tasks.entries())
    await owner.query({
      text: `insert into tw.tasks (space_id, id, position, complete, ${COLUMNS.join(', ')})
        values ('${SPACE}', gen_random_uuid(), $1, $2::timestamptz is not null, ${COLUMNS.map((_, nr) => `$${nr + 3}`).join(', ')})`,
      parameters: [(0x80_00_00_00 + at).toString(16), one.completedAt, ...valuesOf(one)],
    })
}

beforeAll(async () => {
  await owner.query({
    text: `insert into auth.users (id, name, email) values ('${SPACE}', 'Somebody', 'a@example.com')`,
    parameters: [],
  })
  await owner.query({
    text: `insert into tw.lists (space_id, id, name, name_key, position, revision, created_at, updated_at)
      values ('${SPACE}', '${LIST}', 'List', 'list', '80000000', 1, now(), now())`,
    parameters: [],
  })
  await app.query({ text: `select set_config('app.space', '${SPACE}', false)`, parameters: [] })
})

test('the task of a row is what tw.task_json() shows, in a session of any time zone', async () => {
  const property = fc.asyncProperty(
    fc.array(drawn, { minLength: 10, maxLength: 30 }),
    zone,
    async (tasks, timeZone) => {
      await insert(tasks)
      await app.query({ text: `select set_config('timezone', $1, false)`, parameters: [timeZone] })
      const [row] = await app.query({
        text: `select string_agg(${columns}, E'\\x1e') as tasks, json_agg(tw.task_json(item))::text as json from tw.tasks item`,
        parameters: [],
      })
      const expected = JSON.parse(String(row?.['json'])) as unknown[]
      expect(expected).toHaveLength(tasks.length)
      // As text, since the order of the fields counts.
      expect(JSON.stringify(tasksOf(row?.['tasks'], SPACE))).toBe(JSON.stringify(expected))
    },
  )
  await checkProperty(property, 25)
})

test('a page without tasks is empty', () => {
  expect(tasksOf(null, SPACE)).toEqual([])
})

test('a time in the form of another DateStyle is refused', async () => {
  await app.query({ text: `select set_config('datestyle', 'SQL, DMY', false)`, parameters: [] })
  const [row] = await app.query({ text: `select ${columns} as tasks from tw.tasks item limit 1`, parameters: [] })
  expect(() => tasksOf(row?.['tasks'], SPACE)).toThrow('PostgreSQL sent a time that is not in ISO form')
})
