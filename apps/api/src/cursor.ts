import { canonicalJson, sha256 } from './canonical.ts'
import { invalid } from './errors.ts'

// A cursor is the sort key of the last row seen, and a mark of the question it belongs to.
const mark = (question: unknown): string => sha256(canonicalJson(question)).toString('base64url').slice(0, 12)

/** An opaque cursor behind the row with this key. */
export function toCursor(question: unknown, key: readonly string[]): string {
  return Buffer.from(JSON.stringify([mark(question), ...key])).toString('base64url')
}

const REFUSAL = 'is not of this query: take nextCursor of its last page, with the same filter, sort and timeZone'

/** The key of a cursor; refuses one that was made up, or for another question. `shapes` check each part. */
export function fromCursor(question: unknown, cursor: string, shapes: readonly RegExp[]): string[] {
  let parts: unknown
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    throw invalid('cursor', REFUSAL)
  }
  if (!Array.isArray(parts) || parts.length !== shapes.length + 1 || parts[0] !== mark(question))
    throw invalid('cursor', REFUSAL)
  return shapes.map((shape, at) => {
    const part: unknown = parts[at + 1]
    if (typeof part !== 'string' || !shape.test(part) || part.includes('\0') || !part.isWellFormed())
      throw invalid('cursor', REFUSAL)
    return part
  })
}

export const UUID_SHAPE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
export const TIME_SHAPE = /^\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/
