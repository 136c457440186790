import {
  array,
  assert,
  asyncProperty,
  configureGlobal,
  constant,
  double,
  maxSafeInteger,
  oneof,
  string,
} from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, openDatabase } from './caller-session.ts'
import { arrayText, type Parameter, statement, sql, textsOf } from './statement.ts'
import { createTestDatabase, PATIENT, type TestDatabase } from './testing/index.ts'

// TASKWIRE_SEED sets another seed.
configureGlobal({ seed: Number(process.env['TASKWIRE_SEED']) })

let server: TestDatabase
let database: Database
beforeAll(async () => {
  server = await createTestDatabase()
  database = openDatabase({ address: server.app, max: 4, applicationName: 'test', ...PATIENT })
})
afterAll(async () => {
  await database.end()
  await server[Symbol.asyncDispose]()
})

/** A value as PostgreSQL received it, as JSON. */
async function back(value: Parameter, type: string): Promise<unknown> {
  const [row] = await database.query(statement(sql`select to_json(${value}::${sql.raw(type)}) as back`))
  return row?.['back']
}

// Without NUL, which PostgreSQL's text cannot hold, and lone surrogates, which UTF-8 cannot: the contract refuses both.
const text = oneof(
  string({ unit: 'grapheme' }),
  string({ unit: 'binary' }),
  string({ unit: constant('\\') }),
  constant('NULL'),
).filter((value) => !value.includes('\0'))

test('an array reaches PostgreSQL unchanged', async () => {
  await assert(
    asyncProperty(array(oneof(text, constant(null))), async (values) => {
      expect(await back(arrayText(values), 'text[]')).toEqual(values)
    }),
    { numRuns: 500 },
  )
  await assert(
    asyncProperty(array(oneof(maxSafeInteger(), constant(null))), async (values) => {
      expect(await back(arrayText(values), 'bigint[]')).toEqual(values.map((value) => value && value + 0))
    }),
  )
})

test('an array of texts comes back unchanged', async () => {
  await assert(
    asyncProperty(array(text), async (values) => {
      const [row] = await database.query(statement(sql`select ${arrayText(values)}::text[] as back`))
      expect(textsOf(String(row?.['back']))).toEqual(values)
    }),
    { numRuns: 500 },
  )
})

test('a value reaches PostgreSQL unchanged', async () => {
  await assert(
    asyncProperty(text, async (value) => {
      expect(await back(value, 'text')).toBe(value)
    }),
    { numRuns: 300 },
  )
  await assert(
    asyncProperty(double({ noNaN: true, noDefaultInfinity: true }), async (value) => {
      expect(await back(value, 'float8')).toBe(value + 0)
    }),
  )
  for (const value of [true, false, null]) expect(await back(value, 'boolean')).toBe(value)
  expect(await back(new Uint8Array([0, 92, 255]), 'bytea')).toBe('\\x005cff')
})

test('results are text, except booleans, whole numbers and JSON', async () => {
  const [row] = await database.query(
    statement(sql`select true as bool, 1::smallint as small, 2 as int, 9007199254740991::bigint as big,
      1.50::numeric as numeric, '{"b":1,"a":[null]}'::json as json, '{"b":1}'::jsonb as jsonb, null::json as none,
      '2024-02-29'::date as date, '2024-02-29 12:00:00.123456+01'::timestamptz as time, 'a'::text as text,
      '00000000-0000-7000-8000-000000000000'::uuid as uuid, '\\x00ff'::bytea as bytes, array['a', null] as array`),
  )
  expect(row).toEqual({
    bool: true,
    small: 1,
    int: 2,
    big: 9007199254740991,
    numeric: '1.50',
    json: { b: 1, a: [null] },
    jsonb: { b: 1 },
    none: null,
    date: '2024-02-29',
    time: '2024-02-29 11:00:00.123456+00',
    text: 'a',
    uuid: '00000000-0000-7000-8000-000000000000',
    bytes: '\\x00ff',
    array: '{a,NULL}',
  })
})
