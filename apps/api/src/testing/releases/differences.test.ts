import { CONTRACT_VERSION } from '@taskwire/contract'
import { describe, expect, test } from 'vitest'
import { differences } from './differences.ts'
import { normalise } from './normalise.ts'
import { placeholder, type Values, withValues } from './placeholders.ts'
import { type RecordedCall, readRecordings } from './recording.ts'

const ID = '0190b1a0-0000-7000-8000-00000000000f'
const OTHER = ID.replace('f', 'e')
const AT = '2026-11-22T09:30:00.000Z'
const SAMPLES: Record<string, unknown> = {
  uuid: ID,
  time: AT,
  position: '80000000',
  secret: 'a-secret-of-some-length',
  cursor: 'c',
  text: 'any words',
  revision: 7,
  number: 1,
}

/** A reply as a service could give it. */
function sampleOf(recorded: unknown): unknown {
  if (typeof recorded === 'string') return SAMPLES[/^<(\w+)/.exec(recorded)?.[1] ?? ''] ?? recorded
  if (Array.isArray(recorded)) return recorded.map(sampleOf)
  if (typeof recorded !== 'object' || recorded === null) return recorded
  return Object.fromEntries(Object.entries(recorded).map(([key, value]) => [key, sampleOf(value)]))
}

type Holder = Record<string, unknown>
/** Every field of every object within, with the object that holds it. */
function fieldsOf(value: unknown): [Holder, string][] {
  if (typeof value !== 'object' || value === null) return []
  // An array counts as an object of its items here.
  const holder = value as Holder
  const own = Array.isArray(value) ? [] : Object.keys(value).map((key): [Holder, string] => [holder, key])
  return [...own, ...Object.values(value).flatMap(fieldsOf)]
}

const compare = (recorded: unknown, actual: unknown): string[] => differences(recorded, actual, new Map())

describe.each(readRecordings(CONTRACT_VERSION))('every reply of $version', ({ calls }) => {
  const replies = calls.map(({ name, reply }): [string, RecordedCall['reply']] => [name, reply])

  test.each(replies)('%s: no field can be dropped or be of another type, and fields can be added', (_, reply) => {
    const actual = sampleOf(reply)
    expect(compare(reply, actual)).toEqual([])
    for (const [holder, key] of fieldsOf(actual)) {
      const value = holder[key]
      delete holder[key]
      expect([key, compare(reply, actual).length > 0]).toEqual([key, true])
      holder[key] = typeof value === 'string' ? 1 : 'x'
      expect([key, compare(reply, actual).length > 0]).toEqual([key, true])
      holder[key] = value
    }
    for (const [holder] of fieldsOf(actual)) holder['further'] = 1
    expect(compare(reply, actual)).toEqual([])
  })
})

describe('what is compared', () => {
  test.each([
    ['another text', { a: 'x' }, { a: 'y' }, ['a is "y" and was x']],
    ['null', { a: 'x' }, { a: null }, ['a is null and was x']],
    ['a value where null was', { a: null }, { a: 1 }, ['a is 1 and was null']],
    ['an item less', { a: [1, 2] }, { a: [1] }, ['a has 1 items and had 2']],
    ['another order', { a: [1, 2] }, { a: [2, 1] }, ['a[0] is 2 and was 1', 'a[1] is 1 and was 2']],
    [
      'another id',
      { a: placeholder('uuid', 'x'), b: placeholder('uuid', 'x') },
      { a: ID, b: OTHER },
      [`b is "${OTHER}" and not the same as <uuid: x> before`],
    ],
    ['no id', { a: placeholder('uuid', 'x') }, { a: 'x' }, ['a is "x", which is no uuid']],
    [
      'a time without milliseconds',
      { a: placeholder('time') },
      { a: '2026-11-22T09:30:00Z' },
      ['a is "2026-11-22T09:30:00Z", which is no time'],
    ],
    ['a revision as a text', { a: placeholder('revision', 'x') }, { a: '7' }, ['a is "7", which is no revision']],
  ])('%s', (_, recorded, actual, found) => {
    expect(compare(recorded, actual)).toEqual(found)
  })

  test('the text of a message may differ, and so may values that the service makes', () => {
    expect(compare({ a: placeholder('text', 'Not <there>.'), b: placeholder('time') }, { a: 'Gone.', b: AT })).toEqual(
      [],
    )
  })
})

test('a recording names the values that the service made, and a later request uses the names', () => {
  const now = new Date().toISOString()
  const call = (name: string, request: object, body: unknown): RecordedCall => ({
    name,
    request: {
      method: 'POST',
      path: '/',
      headers: { authorization: 'Bearer key', 'x-taskwire-contract': '1' },
      ...request,
    },
    reply: { status: 200, headers: { 'x-taskwire-contract': '1' }, body },
  })
  const [create, update] = normalise(
    [
      call('create', { body: { id: OTHER } }, [
        { result: { data: { id: OTHER, by: ID, revision: 4, at: now, due: AT } } },
      ]),
      call('update', { body: { id: ID, expectedRevision: 4, limit: 4 } }, { revision: 4, count: 4, head: 0 }),
    ],
    new Map([['key', placeholder('secret', 'given')]]),
    Date.now(),
  )
  expect(create?.reply.body).toEqual([
    {
      result: {
        data: { id: OTHER, by: '<uuid: create.by>', revision: '<revision: create.revision>', at: '<time>', due: AT },
      },
    },
  ])
  expect(update).toMatchObject({
    request: {
      headers: { authorization: 'Bearer <secret: given>' },
      body: { id: '<uuid: create.by>', expectedRevision: '<revision: create.revision>', limit: 4 },
    },
    reply: { body: { revision: '<revision: create.revision>', count: 4, head: '<revision>' } },
  })
  // The version is the service's, though the client sent the same text.
  expect(update?.reply.headers).toEqual({ 'x-taskwire-contract': '<text: 1>' })
  const values: Values = new Map<string, string | number>([
    ['<uuid: create.by>', OTHER],
    ['<revision: create.revision>', 9],
    ['<secret: given>', 'another'],
  ])
  expect(withValues(update?.request, values)).toMatchObject({
    headers: { authorization: 'Bearer another' },
    body: { id: OTHER, expectedRevision: 9, limit: 4 },
  })
})
