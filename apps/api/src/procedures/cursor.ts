import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { LIMITS } from '@taskwire/contract'
import { canonicalJson, sha256 } from './canonical.ts'
import { type AppError, invalid } from '../errors.ts'

// A cursor holds the sort key of the last row of a page, a fingerprint of the query's id, and the space that was read. It is
// not signed: a caller who forges one still reads only rows of their own space, after a key of their choice.
const fingerprint = (queryId: unknown): string => sha256(canonicalJson(queryId)).toString('base64url').slice(0, 12)

/** Returns an opaque cursor for the page after the row with this key. */
export function toCursor(queryId: unknown, spaceId: string, key: readonly string[]): string {
  const text = JSON.stringify([fingerprint(queryId), spaceId, ...key])
  const cursor = Buffer.from(text).toString('base64url')
  // Only cursors with a long title that is not ASCII are compressed.
  return cursor.length <= LIMITS.cursor ? cursor : `~${deflateRawSync(text).toString('base64url')}`
}

/** Makes a page of rows of which `limit` + 1 were requested; `keyOf` returns the sort key of the last row. */
export function pageOf<T>(
  found: readonly T[],
  { queryId, spaceId, limit, keyOf }: { queryId: unknown; spaceId: string; limit: number; keyOf(last: T): string[] },
): { items: T[]; nextCursor: string | null } {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  const more = found.length > limit && last !== undefined
  return { items, nextCursor: more ? toCursor(queryId, spaceId, keyOf(last)) : null }
}

function textOf(cursor: string): string {
  if (!cursor.startsWith('~')) return Buffer.from(cursor, 'base64url').toString('utf8')
  return inflateRawSync(Buffer.from(cursor.slice(1), 'base64url'), { maxOutputLength: 4096 }).toString('utf8')
}

/** The error for a forged cursor, or a cursor of another query or space. */
function invalidCursor(): AppError {
  return invalid(
    'cursor',
    'is not of this query: use nextCursor of the page before, with the same filter, sort and timeZone',
  )
}

/** The form of one part of a cursor. */
export interface Shape {
  test(part: string): boolean
}

/** Where a page starts: after the row with this key. */
export interface PageStart<Key extends readonly string[] = readonly string[]> {
  key: Key
  /**
   * Throws if the cursor was returned in another space. Called after the page is read: before, the caller's space is
   * not known.
   */
  requireSpace(spaceId: string): void
}

/** Decodes a cursor, if there is one. Throws unless its key has the form of one of the `alternatives`, part by part. */
export function fromCursor<const Shapes extends readonly Shape[]>(
  queryId: unknown,
  cursor: string | null | undefined,
  ...alternatives: readonly Shapes[]
): PageStart<{ readonly [At in keyof Shapes]: string }> | undefined {
  if (cursor === null || cursor === undefined) return undefined
  let parts: unknown
  try {
    parts = JSON.parse(textOf(cursor))
  } catch {
    throw invalidCursor()
  }
  if (!Array.isArray(parts) || parts[0] !== fingerprint(queryId)) throw invalidCursor()
  const [space, ...key] = parts.slice(1).filter((part): part is string => typeof part === 'string' && isText(part))
  const hasShapes = (shapes: readonly Shape[]): boolean =>
    key.length === shapes.length && shapes.every((shape, index) => shape.test(key[index] ?? ''))
  if (
    space === undefined ||
    key.length !== parts.length - 2 ||
    !UUID_SHAPE.test(space) ||
    !alternatives.some(hasShapes)
  )
    throw invalidCursor()
  return {
    // hasShapes() has compared the number of parts and shapes.
    key: key as { readonly [At in keyof Shapes]: string },
    requireSpace(spaceId) {
      if (spaceId !== space) throw invalidCursor()
    },
  }
}

const isText = (part: string): boolean => !part.includes('\0') && part.isWellFormed()

export const UUID_SHAPE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** An instant of the years 1 to 9999, in the form that replies have. */
export const TIME_SHAPE: Shape = {
  test: (part) =>
    /^(?!0000)\d{4}-/.test(part) && !Number.isNaN(Date.parse(part)) && new Date(part).toISOString() === part,
}
