import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { LIMITS } from '@taskwire/contract'
import { canonicalJson, sha256 } from './canonical.ts'
import { type AppError, invalid } from './errors.ts'

// A cursor is the sort key of the last row seen, and a mark of the question it belongs to.
const mark = (question: unknown): string => sha256(canonicalJson(question)).toString('base64url').slice(0, 12)

/** An opaque cursor behind the row with this key. */
export function toCursor(question: unknown, key: readonly string[]): string {
  const text = JSON.stringify([mark(question), ...key])
  const cursor = Buffer.from(text).toString('base64url')
  // Only a long title of rare characters needs this.
  return cursor.length <= LIMITS.cursor ? cursor : `~${deflateRawSync(text).toString('base64url')}`
}

function textOf(cursor: string): string {
  if (!cursor.startsWith('~')) return Buffer.from(cursor, 'base64url').toString('utf8')
  return inflateRawSync(Buffer.from(cursor.slice(1), 'base64url'), { maxOutputLength: 4096 }).toString('utf8')
}

/** What refuses a cursor that was made up, or is of another question or user. */
export function foreignCursor(): AppError {
  return invalid(
    'cursor',
    'is not of this query: take nextCursor of its last page, with the same filter, sort and timeZone',
  )
}

/** What a part of a cursor must be like. */
export interface Shape {
  test(part: string): boolean
}

/** The key of a cursor; `shapes` check each part. */
export function fromCursor(question: unknown, cursor: string, shapes: readonly Shape[]): string[] {
  let parts: unknown
  try {
    parts = JSON.parse(textOf(cursor))
  } catch {
    throw foreignCursor()
  }
  if (!Array.isArray(parts) || parts.length !== shapes.length + 1 || parts[0] !== mark(question)) throw foreignCursor()
  return shapes.map((shape, at) => {
    const part: unknown = parts[at + 1]
    if (typeof part !== 'string' || !shape.test(part) || part.includes('\0') || !part.isWellFormed())
      throw foreignCursor()
    return part
  })
}

export const UUID_SHAPE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** An instant of the years 1 to 9999, as replies write it. */
export const TIME_SHAPE: Shape = {
  test: (part) =>
    /^(?!0000)\d{4}-/.test(part) && !Number.isNaN(Date.parse(part)) && new Date(part).toISOString() === part,
}
