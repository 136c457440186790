import type { Contract, Kind, Procedure } from '@taskwire/contract/contract'
import type { AppErrorData } from '@taskwire/contract/errors'
import type {
  TRPCBuiltRouter,
  TRPCMutationProcedure,
  TRPCQueryProcedure,
  TRPCSubscriptionProcedure,
} from '@trpc/server'

/** An error as it is sent over HTTP. */
export interface ErrorShape {
  message: string
  code: number
  data: AppErrorData
}

type Table = Record<string, Record<string, { kind: Kind }>>

type Called<P> =
  P extends Procedure<'query', infer In, infer _Parsed, infer Out>
    ? TRPCQueryProcedure<{ input: Omissible<In>; output: Out; meta: object }>
    : P extends Procedure<'mutation', infer In, infer _Parsed, infer Out>
      ? TRPCMutationProcedure<{ input: Omissible<In>; output: Out; meta: object }>
      : P extends Procedure<'subscription', infer In, infer _Parsed, infer Out>
        ? TRPCSubscriptionProcedure<{ input: Omissible<In>; output: AsyncIterable<FeedEvent<Out>>; meta: object }>
        : never

// An input without required fields may be left out; the client then sends an empty one.
type Omissible<In> = {} extends In ? In | void : In

/** An event of `subscribe`. Its id resumes the stream after it, as `lastEventId`. */
export interface FeedEvent<Item> {
  id: string
  data: Item
}

/**
 * The router type of a table of procedures. There is no transformer, but with `false` here tRPC would compute what JSON
 * makes of every output type, and the names of the types would be lost.
 */
export type RouterOf<T extends Table> = TRPCBuiltRouter<
  { ctx: object; meta: object; errorShape: ErrorShape; transformer: boolean },
  { [N in keyof T]: { [P in keyof T[N]]: Called<T[N][P]> } }
>

/**
 * The router's type, made from the contract without any type of the server. Use it wherever a tRPC router's type is
 * expected; for TanStack Query there is `@taskwire/client/tanstack`.
 */
export type AppRouter = RouterOf<Contract>

/** The input of each procedure: `Inputs['tasks']['list']`. */
export type Inputs = {
  [N in keyof Contract]: {
    [P in keyof Contract[N]]: Contract[N][P] extends Procedure<infer _K, infer In, infer _P, infer _O> ? In : never
  }
}

/** The reply of each procedure, or each item of a subscription: `Outputs['tasks']['list']`. */
export type Outputs = {
  [N in keyof Contract]: {
    [P in keyof Contract[N]]: Contract[N][P] extends Procedure<infer _K, infer _I, infer _P, infer Out> ? Out : never
  }
}
