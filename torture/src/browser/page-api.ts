import type { List, SignedIn, Task } from '@taskwire/client'
import type { Store } from '@taskwire/client/store'

/** All rows of a space, as a store shows them or as the service returns them. */
export interface Rows {
  /** Also those in the trash, the oldest first. */
  tasks: readonly Task[]
  lists: readonly List[]
}

/** What the page offers to the tests. */
export interface PageApi {
  /** The open store. Throws if there is none. */
  readonly store: Store
  /** Opens the store of an account, by default of the one that was opened last. */
  open(account?: string): Promise<void>
  /** Signs in by the session cookie. */
  signIn(email: string, password: string): Promise<SignedIn>
  signOut(): Promise<void>
  rows(): Rows
  /** True if the store shows these rows, given as canonical JSON. */
  shows(rows: string): boolean
  /** Resolves once the condition holds, which is checked at each change of what the store shows. */
  until(holds: () => boolean, what: string): Promise<void>
}

declare global {
  // Only `var` declares a property of globalThis.
  var taskwire: PageApi
}
