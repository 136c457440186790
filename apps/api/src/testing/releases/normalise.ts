import { placeholder } from './placeholders.ts'
import type { RecordedCall } from './recording.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
/** Values under these keys are made by the service, whatever they look like. */
const KEYS: Record<string, string> = {
  position: 'position',
  token: 'secret',
  secret: 'secret',
  nextCursor: 'cursor',
  message: 'text',
  version: 'text',
  hash: 'text',
  retryAfterMs: 'number',
  'retry-after': 'text',
  'x-taskwire-contract': 'text',
}
const REVISIONS = new Set(['revision', 'commit', 'head', 'nextAfter', 'expectedRevision', 'after', 'id', 'lastEventId'])

interface Place {
  key: string
  /** Such as `tasks.create.id`. */
  name: string
  /** Tells the revisions of one space from the revisions of other spaces. */
  credential: string
}

/**
 * Replaces the values that the service made by placeholders, named after where each value was first seen. `given` has
 * the placeholders of values from elsewhere; `since` is when the recording began.
 */
export function normalise(calls: readonly RecordedCall[], given: Map<string, string>, since: number): RecordedCall[] {
  const names = new Map(given)
  const isNow = (time: string): boolean => Math.abs(Date.parse(time) - since) < 10 * 60_000
  /** Texts that the client sent, and the service did not make. */
  const own = new Set<string | number>()

  function known(value: string | number, { key, credential }: Place): string | undefined {
    return names.get(typeof value === 'number' ? `${credential} ${REVISIONS.has(key) ? value : ''}` : value)
  }

  function made(value: string | number, place: Place): string | number {
    const { key, name, credential } = place
    if (typeof value === 'number') {
      if (key === 'retryAfterMs') return placeholder('number')
      if (!REVISIONS.has(key)) return value
      // A new space begins at 0, but may begin elsewhere in a later release.
      if (value === 0) return placeholder('revision')
      return learn(`${credential} ${value}`, 'revision', name)
    }
    if (TIME.test(value)) return isNow(value) ? placeholder('time') : value
    const kind = KEYS[key] ?? (UUID.test(value) ? 'uuid' : undefined)
    if (kind === 'text') return placeholder(kind, value)
    if (kind === 'position') return placeholder(kind)
    return kind === undefined ? value : learn(value, kind, name)
  }

  function learn(value: string, kind: string, name: string): string {
    const written = placeholder(kind, name.replace(/\.body(\.0\.result\.data)?/, ''))
    names.set(value, written)
    return written
  }

  function replace(value: unknown, place: Place, isReply: boolean): unknown {
    if (typeof value === 'string' || typeof value === 'number') {
      const written = known(value, place)
      if (written !== undefined) return written
      if (isReply && (KEYS[place.key] !== undefined || !own.has(value))) return made(value, place)
      if (typeof value === 'string') own.add(value)
      return value
    }
    if (Array.isArray(value))
      return value.map((item, nr) => replace(item, { ...place, name: `${place.name}.${nr}` }, isReply))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, field]) => [
        key,
        replace(field, { ...place, key, name: `${place.name}.${key}` }, isReply),
      ]),
    )
  }

  return calls.map(({ name, situation, request, reply }) => {
    const { authorization, 'x-taskwire-user': user } = request.headers
    const place = { key: '', name, credential: `${authorization} ${user}` }
    const [scheme = '', token = ''] = authorization?.split(' ') ?? []
    const headers = {
      ...request.headers,
      ...(authorization === undefined ? {} : { authorization: `${scheme} ${names.get(token) ?? token}` }),
    }
    const written = {
      name,
      ...(situation === undefined ? {} : { situation }),
      request: replace({ ...request, headers }, place, false),
      reply: replace(reply, place, true),
    }
    // The shape is the same, with text in place of some values. JSON leaves out undefined fields.
    return JSON.parse(JSON.stringify(written)) as RecordedCall
  })
}
