import type { Scope } from './account.ts'
import type { Schema } from './schema.ts'

/**
 * Who may call. `public`: anyone, without a credential. `session`: a signed-in user, and no key. Anything else is the
 * scope that a key needs, or several scopes separated by a space, all of which it needs; a session has all scopes but
 * `users`, which only service keys have. The database decides, in each call's own statement; this is what the docs and the messages say.
 */
export type Access = 'public' | 'session' | Scope | 'account tasks:read' | 'users'

/** How a procedure is called: a query by GET, a mutation by POST, a subscription as server-sent events. */
export type Kind = 'query' | 'mutation' | 'subscription'

/**
 * One procedure. `In` is the input as callers write it, `Parsed` the same normalised and with defaults, `Out` the
 * reply, or for a subscription each item.
 */
export interface Procedure<K extends Kind, In, Parsed, Out> {
  readonly kind: K
  readonly access: Access
  readonly input: Schema<Parsed, In>
  readonly output: Schema<Out>
  readonly summary: string
  /** How its rows are sorted, where the input does not say so. A change breaks callers. */
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
