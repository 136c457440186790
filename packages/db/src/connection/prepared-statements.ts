import type { Statement } from '../statement.ts'

/** A statement that a connection has prepared. */
interface Prepared {
  /** Its name in the server. */
  name: string
  /** What the driver knows it by. */
  key: string
  parameters: number
  /** Higher than that of all that were used before it. */
  used: number
}

/** Which statements a connection has prepared; where there are too many, the least recently used one makes room. */
export interface PreparedStatements {
  /** The key of a statement that is prepared, which counts as a use of it. */
  use(statement: Statement): string | undefined
  has(statement: Statement): boolean
  /** Whether a statement is to be prepared for a read: while there is room, or where it was asked about not long ago. */
  shouldPrepare(text: string): boolean
  /** Makes room for one more, if need be; returns a key for it. */
  makeRoom(): string
  add(statement: { text: string; parameters: number; name: string; key: string }): void
  /** A statement that cannot be used any more. */
  forget(text: string): void
  forgetKey(key: string): void
  /** The names of what was forgotten since the last time: for the server to forget. */
  takeForgotten(): string[]
}

/** Of a list with a filter PostgreSQL keeps some 140 kB, of most others a third of that. */
const MOST = 60
/** Texts that were not worth it, and are remembered. */
const MOST_SEEN = 100

export function createPreparedStatements(most: number = MOST): PreparedStatements {
  const prepared = new Map<string, Prepared>()
  let seen = new Set<string>()
  let forgotten: string[] = []
  const freeKeys: string[] = []
  let keys = 0
  let uses = 0

  function has({ text, parameters }: Statement): boolean {
    return prepared.get(text)?.parameters === parameters.length
  }

  function forget(text: string): void {
    const found = prepared.get(text)
    if (found === undefined) return
    prepared.delete(text)
    freeKeys.push(found.key)
    forgotten.push(found.name)
  }

  return {
    has,
    use(statement) {
      const found = has(statement) ? prepared.get(statement.text) : undefined
      if (found !== undefined) found.used = ++uses
      return found?.key
    },
    shouldPrepare(text) {
      if (prepared.size < most || seen.delete(text)) return true
      if (seen.size >= MOST_SEEN) seen = new Set()
      seen.add(text)
      return false
    },
    makeRoom() {
      if (prepared.size >= most) {
        const [oldest] = [...prepared].reduce((a, b) => (b[1].used < a[1].used ? b : a))
        forget(oldest)
      }
      return freeKeys.pop() ?? `s${++keys}`
    },
    add({ text, ...statement }) {
      prepared.set(text, { ...statement, used: ++uses })
    },
    forget,
    forgetKey(key) {
      for (const [text, found] of prepared) if (found.key === key) forget(text)
    },
    takeForgotten() {
      const names = forgotten
      forgotten = []
      return names
    },
  }
}
