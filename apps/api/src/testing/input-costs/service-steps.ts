import { deflateRawSync } from 'node:zlib'
import { type AnyProcedure, contract, isTimeZone, LIMITS, mergeTags } from '@taskwire/contract'
import { canonicalJson, sha256 } from '../../procedures/canonical.ts'
import { cookieName, credentialOf } from '../../auth/credential.ts'
import { fromCursor } from '../../procedures/cursor.ts'
import { requireBounds } from '../../trpc/json-bounds.ts'
import { addressOf } from '../../http/network.ts'
import { parseInput } from '../../trpc/parse-input.ts'
import { signUpInput } from '../../auth/sign-in-inputs.ts'
import { fieldsOf } from '../../trpc/shape.ts'
import { type Cost, slowest, mapValues, textsOf, textsOfBytes } from './measure.ts'

const BODY = LIMITS.bodyBytes
const parsed =
  ({ input }: AnyProcedure) =>
  (value: unknown): unknown =>
    parseInput(input, value)
const times = <T>(count: number, one: (nr: number) => T): T[] => Array.from({ length: count }, (_, nr) => one(nr))
const ID = '01998d3e-7c1a-7000-8000-000000000001'

/** A part of the input of `tasks.createMany` that the service parses in one piece. */
const part = (text: string, raw = text): object => ({
  tasks: times(10, () => ({
    title: text.slice(0, LIMITS.title),
    description: raw,
    tags: times(LIMITS.tagsSent, (nr) => `${nr % 10}${text}`.slice(0, LIMITS.tag)),
    due: { date: '2026-11-22', time: '09:00', timeZone: 'Europe/Berlin' },
  })),
})
const objects = (count: number): string => `[${times(count, (nr) => `{"${nr.toString(36)}":1}`).join()}]`

// oxlint-disable-next-line max-lines-per-function -- a list, of one entry for each step
export async function stepsOfTheService(): Promise<Cost[]> {
  const { tasks, keys, me } = contract
  const full = { tasks: times(LIMITS.tasksPerCall, () => (part('å'.repeat(1000)) as { tasks: object[] }).tasks[0]) }
  const wrong = parseInput(tasks.createMany.input, { tasks: times(25, () => ({ title: 1, tags: times(50, () => 1) })) })
  const cookies = { 'blanks and marks': '; ='.repeat(5000), names: 'taskwire.session_token='.repeat(700) }
  const zone = (name: (nr: number) => string) => times(LIMITS.tasksPerCall, name)
  return [
    await slowest('a credential in the headers', '16 kB', cookies, (cookie) =>
      credentialOf({ cookie }, cookieName(false)),
    ),
    await slowest('an address in X-Forwarded-For', '16 kB', textsOf(16_000), (forwarded) =>
      // addressOf() reads no other fields of a request.
      addressOf({ headers: { 'x-forwarded-for': forwarded }, socket: {} } as never, true),
    ),
    await slowest(
      'bounds of the JSON',
      '4 MiB',
      { ...mapValues(textsOfBytes(BODY), (s) => `"${s}"`), brackets: '[]'.repeat(30_000) + ' '.repeat(BODY - 60_000) },
      (text) => {
        try {
          requireBounds(text)
        } catch {}
      },
    ),
    await slowest(
      'JSON.parse',
      `4 MiB, ${LIMITS.values} values`,
      {
        text: JSON.stringify('a'.repeat(BODY)),
        escapes: `"${'\\u0301'.repeat(BODY / 6)}"`,
        'objects of one field each': objects(LIMITS.values / 3),
        numbers: `[${times(LIMITS.values - 2, (nr) => `${nr}.${nr}e${nr % 300}`).join()}]`,
        'a long number': '9'.repeat(BODY),
      },
      (text) => JSON.parse(text) as unknown,
    ),
    await slowest(
      'a text by its schema',
      `8 × ${LIMITS.description} units; longer ones are measured alone`,
      { ...textsOf(8 * LIMITS.description), '4 MiB': 'a'.repeat(BODY) },
      (description) => parseInput(tasks.create.input, { title: 'x', description }),
    ),
    await slowest(
      'a piece of tasks.createMany',
      '10 tasks with descriptions that are too long',
      mapValues(textsOf(8 * LIMITS.description), (text) => part(text)),
      parsed(tasks.createMany),
    ),
    await slowest(
      'tags that merge',
      `${LIMITS.tagsSent} of ${LIMITS.tag}`,
      mapValues(textsOf(LIMITS.tag), (text) => times(LIMITS.tagsSent, () => text)),
      mergeTags,
    ),
    await slowest('an id', '4 MiB', textsOfBytes(BODY), (id) => parseInput(tasks.get.input, { id })),
    await slowest('a date, a time and a zone', '4 MiB', textsOfBytes(BODY / 3), (text) =>
      parseInput(tasks.create.input, { title: 'x', due: { date: text, time: text, timeZone: text } }),
    ),
    await slowest(
      'an instant',
      '4 MiB',
      { ...textsOfBytes(BODY), 'a long fraction': `2099-01-01T00:00:00.${'1'.repeat(BODY)}Z` },
      (expiresAt) => parseInput(keys.create.input, { name: 'x', scopes: ['account'], expiresAt }),
    ),
    await slowest(
      'names of zones',
      `${LIMITS.tasksPerCall} in a call`,
      {
        'made up': zone((nr) => `Europe/N${nr}`),
        'long names': zone((nr) => `${'A'.repeat(32)}/${'b'.repeat(32)}/${nr}`),
      },
      (names) => names.map(isTimeZone),
    ),
    await slowest(
      'an array',
      `${LIMITS.values} items, counted first`,
      { 'empty tasks': times(LIMITS.values, () => ({})) },
      (all) => parseInput(tasks.createMany.input, { tasks: all }),
    ),
    await slowest(
      'ids of a bulk call',
      `${LIMITS.tasksPerCall}`,
      { 'equal ids': times(LIMITS.tasksPerCall, () => ID) },
      (ids) => parseInput(tasks.bulk.input, { ids, action: { type: 'delete' } }),
    ),
    await slowest(
      'unknown fields',
      `${LIMITS.fields} of an object, 25 objects`,
      { 'unknown names': times(25, () => Object.fromEntries(times(LIMITS.fields, (nr) => [`f${nr}`, 1]))) },
      (all) => parseInput(tasks.createMany.input, { tasks: all }),
    ),
    await slowest(
      'reporting what is wrong',
      '100 fields',
      { 'values of the wrong type': wrong.success ? undefined : wrong.error },
      (error) => error && fieldsOf(error),
    ),
    await slowest(
      'canonical JSON and SHA-256 of a mutation',
      '4 MiB, 500 tasks at their limits',
      { 'the largest tasks': full },
      (value) => sha256(canonicalJson(value)),
    ),
    await slowest(
      'a cursor',
      `${LIMITS.cursor} characters`,
      {
        ...textsOf(LIMITS.cursor),
        'compressed data': `~${deflateRawSync('['.repeat(1_000_000)).toString('base64url')}`.slice(0, LIMITS.cursor),
      },
      (cursor) => {
        try {
          fromCursor('x', cursor, [])
        } catch {}
      },
    ),
    await slowest('words of a search', `${LIMITS.search} characters`, textsOf(8 * LIMITS.search), (search) =>
      parseInput(tasks.count.input, { filter: { search } }),
    ),
    await slowest('a name', `8 × ${LIMITS.accountName} units`, textsOf(8 * LIMITS.accountName), (name) =>
      parseInput(me.update.input, { name }),
    ),
    await slowest('a sign-up', '16 kB', textsOf(8000), (text) =>
      parseInput(signUpInput, { email: `${text}@${text}`, password: text, name: text }),
    ),
  ]
}
