import { deflateRawSync } from 'node:zlib'
import { TEXT_KINDS } from '@taskwire/api/text-testing'
import { LIMITS } from '@taskwire/contract'
import type { Random } from './random.ts'

/** A request that is built to cost more than its length suggests. */
export interface Bomb {
  path: string
  method: 'GET' | 'POST'
  /** The body of a POST, or the `input` parameter of a GET. */
  body: string
  headers?: Record<string, string>
}

/** Bytes of input that, once encoded, fit into a URL. */
const URL_BYTES = 12_000
const SIGN_IN_BYTES = 16 * 1024
const ID = '01998d3e-7c1a-7000-8000-000000000001'

const times = <T>(count: number, one: (nr: number) => T): T[] =>
  Array.from({ length: Math.ceil(count) }, (_, nr) => one(nr))
/** A JSON array of about `bytes` bytes. */
const list = (one: (nr: number) => string, bytes: number): string =>
  `[${times(Math.max(1, bytes / (one(99_999).length + 1)), one).join()}]`

/** The largest accepted `createMany` input: tasks at all their limits, with text of one kind. */
function fullTasks(run: (length: number) => string, bytes: number, random: Random): string {
  const full = (): object => ({
    id: random.uuid(),
    title: run(LIMITS.title).slice(0, LIMITS.title),
    description: run(LIMITS.description).slice(0, LIMITS.description),
    listId: null,
    complete: false,
    priority: 'high',
    tags: times(LIMITS.tagsSent, (at) => `${at % LIMITS.tagsPerTask} ${run(LIMITS.tag - 3)}`.slice(0, LIMITS.tag)),
    due: { date: '2026-11-22', time: '09:00', timeZone: 'Europe/Berlin' },
  })
  const each = Buffer.byteLength(JSON.stringify(full())) + 1
  const most = Math.min(LIMITS.tasksPerCall, Math.floor((bytes - 200) / each))
  return JSON.stringify({ tasks: times(Math.max(1, most), full), mutationId: random.uuid() })
}

/** Functions that make JSON of about `bytes` bytes whose structure is expensive to parse. Some of it is malformed. */
export const STRUCTURES: Record<string, (bytes: number) => string> = {
  'empty arrays': (bytes) => list(() => '[]', bytes),
  'empty objects': (bytes) => list(() => '{}', bytes),
  nulls: (bytes) => list(() => 'null', bytes),
  'short strings': (bytes) => list((nr) => `"${nr.toString(36)}"`, bytes),
  numbers: (bytes) => list((nr) => `${nr}.${nr}e${nr % 300}`, bytes),
  'objects with a distinct field each': (bytes) => list((nr) => `{"${nr.toString(36)}":1}`, bytes),
  'deep arrays': (bytes) => '['.repeat(bytes),
  'deep objects': (bytes) => '{"a":'.repeat(bytes / 5),
  'deep arrays, side by side': (bytes) => list(() => '['.repeat(28) + ']'.repeat(28), bytes),
  'distinct fields': (bytes) => list((nr) => `"${nr.toString(36)}":1`, bytes).replace(/^\[(.*)\]$/, '{$1}'),
  'distinct fields, numeric': (bytes) => list((nr) => `"${nr * 7919}":1`, bytes).replace(/^\[(.*)\]$/, '{$1}'),
  'objects with as many fields as allowed': (bytes) =>
    list((one) => `{${times(LIMITS.fields, (nr) => `"${(one * 200 + nr).toString(36)}":1`).join()}}`, bytes),
  'one field, repeated': (bytes) => list(() => '"title":"x"', bytes).replace(/^\[(.*)\]$/, '{$1}'),
  'a long field name': (bytes) => `{"${'k'.repeat(bytes)}":1}`,
  'a long number': (bytes) => '9'.repeat(bytes),
  escapes: (bytes) => `"${'\\u0041'.repeat(bytes / 6)}"`,
  'an unterminated string': (bytes) => `"${'a'.repeat(bytes)}`,
  whitespace: (bytes) => `${' '.repeat(bytes)}1`,
}

/** Inputs with an expensive value in one of their fields, or as a whole. */
const INPUTS: Record<string, { path: string; wrap(value: string): string }> = {
  'a whole input': { path: 'tasks.create', wrap: (value) => value },
  tasks: { path: 'tasks.createMany', wrap: (value) => `{"tasks":${value}}` },
  tags: { path: 'tasks.create', wrap: (value) => `{"title":"x","tags":${value}}` },
  ids: { path: 'tasks.bulk', wrap: (value) => `{"ids":${value},"action":{"type":"delete"}}` },
  'a filter': {
    path: 'tasks.bulk',
    wrap: (value) => `{"filter":{"listId":${value}},"maxAffected":1,"action":{"type":"delete"}}`,
  },
  changes: { path: 'tasks.update', wrap: (value) => `{"id":"${ID}","changes":${value}}` },
  'a batch': { path: times(LIMITS.batch, () => 'tasks.createMany').join() + '?batch=1', wrap: (value) => value },
}

/** All bombs of about `bytes` bytes, by name. Leaves out those whose field cannot be that long. */
export function bombsOf(bytes: number, random: Random): Record<string, () => Bomb> {
  const bombs: Record<string, () => Bomb> = {}
  const post = (path: string, body: string, headers = {}): Bomb => ({ path, method: 'POST', body, headers })
  // The rest of the input takes under 300 bytes. A character takes at most six bytes of JSON.
  const valueBytes = bytes - 300
  for (const [kind, textOf] of Object.entries(TEXT_KINDS)) {
    const text = (length: number): string => JSON.stringify(textOf(length))
    const fit = (length = Math.floor(valueBytes / 6)): string => {
      const most = Math.floor((length * 6 * 1000) / Buffer.byteLength(text(1000)))
      return text(Math.min(most, valueBytes))
    }
    bombs[`${kind}: a title`] = () => post('tasks.create', `{"title":${fit()},"mutationId":"${random.uuid()}"}`)
    bombs[`${kind}: a description`] = () => post('tasks.create', `{"title":"x","description":${fit()}}`)
    bombs[`${kind}: many descriptions`] = () => {
      const each = text(8 * LIMITS.description)
      const most = Math.min(LIMITS.tasksPerCall, Math.max(1, Math.floor(valueBytes / (Buffer.byteLength(each) + 30))))
      return post('tasks.createMany', `{"tasks":[${times(most, () => `{"title":"x","description":${each}}`).join()}]}`)
    }
    bombs[`${kind}: tasks at their limits`] = () => post('tasks.createMany', fullTasks(textOf, bytes, random))
    for (const [field, input] of Object.entries({
      cursor: (value: string) => `{"limit":1,"cursor":${value}}`,
      search: (value: string) => `{"filter":{"search":${value}}}`,
      zone: (value: string) => `{"timeZone":${value}}`,
    }))
      if (bytes <= URL_BYTES)
        bombs[`${kind}: a ${field}`] = () => ({ path: 'tasks.list', method: 'GET', body: input(text(bytes / 9)) })
    bombs[`${kind}: a filter of bulk`] = () =>
      post('tasks.bulk', `{"filter":{"search":${fit()}},"dryRun":true,"maxAffected":1,"action":{"type":"delete"}}`)
    bombs[`${kind}: an id`] = () => post('tasks.purge', `{"id":${fit()}}`)
    bombs[`${kind}: an id, a time and a zone`] = () =>
      post(
        'tasks.create',
        `{"id":${fit(valueBytes / 24)},"title":"x","due":{"date":${fit(valueBytes / 24)},"time":${fit(valueBytes / 24)},"timeZone":${fit(valueBytes / 24)}}}`,
      )
    if (bytes <= SIGN_IN_BYTES)
      bombs[`${kind}: a sign-up`] = () =>
        post(
          '/auth/sign-up/email',
          `{"email":"a@example.com","name":${fit(valueBytes / 12)},"password":${fit(valueBytes / 12)}}`,
        )
  }
  for (const [kind, structure] of Object.entries(STRUCTURES))
    for (const [field, { path, wrap }] of Object.entries(INPUTS)) {
      bombs[`${kind}: ${field}`] = () => post(path, wrap(structure(valueBytes)))
      if (field === 'tasks')
        bombs[`${kind}: ${field}, response as a stream`] = () =>
          post(path, wrap(structure(valueBytes)), { 'trpc-accept': 'application/jsonl' })
    }
  bombs['a batch of many tasks'] = () => {
    const tasks = times(Math.min(LIMITS.tasksPerCall, valueBytes / LIMITS.batch / 15), () => ({ title: 'x' }))
    const calls = times(LIMITS.batch, () => ({ tasks }))
    return post(`${times(LIMITS.batch, () => 'tasks.createMany').join()}?batch=1`, JSON.stringify({ ...calls }))
  }
  bombs['zones that do not exist'] = () =>
    post(
      'tasks.createMany',
      JSON.stringify({
        tasks: times(Math.min(LIMITS.tasksPerCall, valueBytes / 90), (nr) => ({
          title: 'x',
          due: { date: '2026-11-22', time: '09:00', timeZone: `Europe/N${nr}` },
        })),
      }),
    )
  bombs['a long fraction of a second'] = () =>
    post(
      'keys.create',
      `{"name":"x","scopes":["account"],"expiresAt":"2099-01-01T00:00:00.${'1'.repeat(valueBytes)}Z"}`,
    )
  bombs['every field of the wrong type'] = () =>
    post(
      'tasks.createMany',
      JSON.stringify({
        tasks: times(Math.min(LIMITS.tasksPerCall, valueBytes / 300), () => ({
          title: 1,
          description: 2,
          listId: 3,
          complete: 4,
          priority: 5,
          tags: times(LIMITS.tagsSent, () => 6),
          due: 7,
          after: 8,
        })),
      }),
    )
  const cursor = `~${deflateRawSync('['.repeat(10_000_000)).toString('base64url')}`.slice(0, LIMITS.cursor)
  bombs['a cursor that inflates'] = () => ({ path: 'tasks.list', method: 'GET', body: JSON.stringify({ cursor }) })
  if (bytes <= URL_BYTES)
    bombs['cookies'] = () => ({
      path: 'me.get',
      method: 'GET',
      body: '{}',
      headers: { cookie: '; ='.repeat(bytes / 4) },
    })
  return bombs
}
