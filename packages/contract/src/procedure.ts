import type { Scope } from './account.ts'
import type { Schema } from './schema.ts'

/**
 * Who may call. `public`: anyone, without a credential. `session`: a signed-in user, but no key. Any other value names
 * the scopes that a key needs, separated by spaces. A session has every scope except `users`, which only service keys
 * have. The database checks access, in each call's own statement. The service uses these values only for messages, and
 * to tell calls that need a caller from `public` ones.
 */
export type Access = 'public' | 'session' | Scope | 'account tasks:read' | 'users'

/** How a procedure is called: a query by GET, a mutation by POST, a subscription as server-sent events. */
export type Kind = 'query' | 'mutation' | 'subscription'

/**
 * One procedure. `In` is the input as callers write it. `Parsed` is the input after normalisation, with defaults. `Out`
 * is the reply, or, for a subscription, one item.
 */
export interface Procedure<K extends Kind, In, Parsed, Out> {
  readonly kind: K
  readonly access: Access
  readonly input: Schema<Parsed, In>
  readonly output: Schema<Out>
  readonly summary: string
  /** The order of the rows, for procedures that return rows. To change it breaks callers. */
  readonly order?: string | undefined
}

/** A procedure whose types do not matter. */
export type AnyProcedure = Procedure<Kind, unknown, unknown, unknown>

const procedure =
  <K extends Kind>(kind: K) =>
  <In, Parsed, Out>(
    access: Access,
    input: Schema<Parsed, In>,
    output: Schema<Out>,
    summary: string,
    order?: string,
  ): Procedure<K, In, Parsed, Out> => ({ kind, access, input, output, summary, order })
export const query = procedure('query')
export const mutation = procedure('mutation')
export const subscription = procedure('subscription')
