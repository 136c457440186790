import type { Statement } from '../statement.ts'

/** A statement that a connection has prepared. */
interface Prepared {
  /** Its name in the server. */
  name: string
  /** Its key in the driver. */
  key: string
  parameters: number
  /** The number of its latest use; later uses have higher numbers. */
  lastUse: number
}

/** The statements that a connection has prepared. If there are too many, the least recently used one is replaced. */
export interface PreparedStatements {
  /** Returns the key of a prepared statement, and counts a use of it. */
  use(statement: Statement): string | undefined
  has(statement: Statement): boolean
  /** True if a text should be prepared: the limit is not reached, or the text was asked about recently. */
  shouldPrepare(text: string): boolean
  /** Removes a statement if the limit is reached; returns a key for a new one. */
  makeRoom(): string
  add(statement: { text: string; parameters: number; name: string; key: string }): void
  /** Removes a statement. */
  forget(text: string): void
  forgetKey(key: string): void
  /** Returns the names of statements removed since the last call, for the server to deallocate. */
  takeForgotten(): string[]
}

/** PostgreSQL keeps some 140 kB for a filtered list, a third of that for most other statements. */
const MAX_PREPARED = 60
/** How many texts that were not prepared are remembered. */
const MAX_SEEN = 100

export function createPreparedStatements(most: number = MAX_PREPARED): PreparedStatements {
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
      if (found !== undefined) found.lastUse = ++uses
      return found?.key
    },
    shouldPrepare(text) {
      if (prepared.size < most || seen.delete(text)) return true
      if (seen.size >= MAX_SEEN) seen = new Set()
      seen.add(text)
      return false
    },
    makeRoom() {
      if (prepared.size >= most) {
        const [oldest] = [...prepared].reduce((a, b) => (b[1].lastUse < a[1].lastUse ? b : a))
        forget(oldest)
      }
      return freeKeys.pop() ?? `s${++keys}`
    },
    add({ text, ...statement }) {
      prepared.set(text, { ...statement, lastUse: ++uses })
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
