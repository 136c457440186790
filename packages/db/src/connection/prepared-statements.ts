import { LRUCache } from 'lru-cache'
import type { Statement } from '../statement.ts'

/** A statement that a connection has prepared. */
interface Prepared {
  /** Its name in the server. */
  name: string
  /** Its key in the driver. */
  key: string
  parameters: number
}

/** The statements that a connection has prepared. If there are too many, the least recently used one is replaced. */
export interface PreparedStatements {
  /** Returns the key of a statement, and counts as a use of it; undefined if it is not prepared. */
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

/** For a filtered list PostgreSQL keeps about 140 kB, for most other statements a third of that. */
const MAX_PREPARED = 60
/** How many texts that were not prepared are remembered. */
const MAX_SEEN = 100

export function createPreparedStatements(most: number = MAX_PREPARED): PreparedStatements {
  const prepared = new LRUCache<string, Prepared>({
    max: most,
    dispose({ key, name }) {
      freeKeys.push(key)
      forgotten.push(name)
    },
  })
  const seen = new LRUCache<string, true>({ max: MAX_SEEN })
  let forgotten: string[] = []
  const freeKeys: string[] = []
  let keys = 0

  function has({ text, parameters }: Statement): boolean {
    return prepared.peek(text)?.parameters === parameters.length
  }

  return {
    has,
    use(statement) {
      return has(statement) ? prepared.get(statement.text)?.key : undefined
    },
    shouldPrepare(text) {
      if (prepared.size < most || seen.delete(text)) return true
      seen.set(text, true)
      return false
    },
    makeRoom() {
      if (prepared.size >= most) prepared.pop()
      return freeKeys.pop() ?? `s${++keys}`
    },
    add: ({ text, ...statement }) => void prepared.set(text, statement),
    forget: (text) => void prepared.delete(text),
    forgetKey(key) {
      for (const [text, found] of prepared) if (found.key === key) return void prepared.delete(text)
    },
    takeForgotten() {
      const names = forgotten
      forgotten = []
      return names
    },
  }
}
