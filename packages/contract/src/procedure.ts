import type { z } from 'zod'
import type { Scope } from './account.ts'

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
  readonly input: z.ZodType<Parsed, In>
  readonly output: z.ZodType<Out, Out>
  readonly summary: string
}

/** A procedure whose types do not matter. */
export type AnyProcedure = Procedure<Kind, unknown, unknown, unknown>

export function query<In, Parsed, Out>(
  access: Access,
  input: z.ZodType<Parsed, In>,
  output: z.ZodType<Out, Out>,
  summary: string,
): Procedure<'query', In, Parsed, Out> {
  return { kind: 'query', access, input, output, summary }
}

export function mutation<In, Parsed, Out>(
  access: Access,
  input: z.ZodType<Parsed, In>,
  output: z.ZodType<Out, Out>,
  summary: string,
): Procedure<'mutation', In, Parsed, Out> {
  return { kind: 'mutation', access, input, output, summary }
}

export function subscription<In, Parsed, Out>(
  access: Access,
  input: z.ZodType<Parsed, In>,
  output: z.ZodType<Out, Out>,
  summary: string,
): Procedure<'subscription', In, Parsed, Out> {
  return { kind: 'subscription', access, input, output, summary }
}
