import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { LIMITS } from '@taskwire/contract'
import { canonicalJson, sha256 } from './canonical.ts'
import { type AppError, invalid } from '../errors.ts'

// A cursor is the sort key of the last row seen, a mark of the question it belongs to, and the user
// who asked it. It is not signed: whoever makes one up gets rows of their own behind a key of their own.
const mark = (question: unknown): string => sha256(canonicalJson(question)).toString('base64url').slice(0, 12)

/** An opaque cursor of this user behind the row with this key. */
export function toCursor(question: unknown, spaceId: string, key: readonly string[]): string {
  const text = JSON.stringify([mark(question), spaceId, ...key])
  const cursor = Buffer.from(text).toString('base64url')
  // Only a long title of rare characters needs this.
  return cursor.length <= LIMITS.cursor ? cursor : `~${deflateRawSync(text).toString('base64url')}`
}

/** A page of rows of which one more than `limit` was asked for; `keyOf` gives the sort key of the last. */
export function pageOf<T>(
  found: readonly T[],
  { question, spaceId, limit, keyOf }: { question: unknown; spaceId: string; limit: number; keyOf(last: T): string[] },
): { items: T[]; nextCursor: string | null } {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  const more = found.length > limit && last !== undefined
  return { items, nextCursor: more ? toCursor(question, spaceId, keyOf(last)) : null }
}

function textOf(cursor: string): string {
  if (!cursor.startsWith('~')) return Buffer.from(cursor, 'base64url').toString('utf8')
  return inflateRawSync(Buffer.from(cursor.slice(1), 'base64url'), { maxOutputLength: 4096 }).toString('utf8')
}

/** What refuses a cursor that was made up, or is of another question or user. */
function foreignCursor(): AppError {
  return invalid(
    'cursor',
    'is not of this query: take nextCursor of its last page, with the same filter, sort and timeZone',
  )
}

/** What a part of a cursor must be like. */
export interface Shape {
  test(part: string): boolean
}

/** Where a page begins. */
export interface Behind<Key extends readonly string[] = readonly string[]> {
  key: Key
  /** Throws unless it is this user who was given the cursor: the database tells that with the page. */
  requireOwner(spaceId: string): void
}

/** What a cursor says, if there is one; its key is like one of `alternatives`, part by part. */
export function fromCursor<const Shapes extends readonly Shape[]>(
  question: unknown,
  cursor: string | null | undefined,
  ...alternatives: readonly Shapes[]
): Behind<{ readonly [At in keyof Shapes]: string }> | undefined {
  if (cursor === null || cursor === undefined) return undefined
  let parts: unknown
  try {
    parts = JSON.parse(textOf(cursor))
  } catch {
    throw foreignCursor()
  }
  if (!Array.isArray(parts) || parts[0] !== mark(question)) throw foreignCursor()
  const [owner, ...key] = parts.slice(1).filter((part): part is string => typeof part === 'string' && isText(part))
  const like = (shapes: readonly Shape[]): boolean =>
    key.length === shapes.length && shapes.every((shape, at) => shape.test(key[at] ?? ''))
  if (owner === undefined || key.length !== parts.length - 2 || !UUID_SHAPE.test(owner) || !alternatives.some(like))
    throw foreignCursor()
  return {
    // One part for each shape: their number is compared above.
    key: key as { readonly [At in keyof Shapes]: string },
    requireOwner(spaceId) {
      if (spaceId !== owner) throw foreignCursor()
    },
  }
}

const isText = (part: string): boolean => !part.includes('\0') && part.isWellFormed()

export const UUID_SHAPE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** An instant of the years 1 to 9999, as replies write it. */
export const TIME_SHAPE: Shape = {
  test: (part) =>
    /^(?!0000)\d{4}-/.test(part) && !Number.isNaN(Date.parse(part)) && new Date(part).toISOString() === part,
}
