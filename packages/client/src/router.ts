import type { Contract, Kind, Procedure } from '@taskwire/contract/contract'
import type { AppErrorData } from '@taskwire/contract/errors'
import type {
  TRPCBuiltRouter,
  TRPCMutationProcedure,
  TRPCQueryProcedure,
  TRPCSubscriptionProcedure,
} from '@trpc/server'

/** What the wire carries of a refusal. */
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

// An input without a required field may be left out; the client then sends an empty one.
type Omissible<In> = {} extends In ? In | void : In

/** An event as `subscribe` hands it over: its id goes on from where it was, as `lastEventId`. */
export interface FeedEvent<Item> {
  id: string
  data: Item
}

/**
 * The type of the router of a table of procedures. There is no transformer, but `false` here would
 * make tRPC take every output apart for what JSON leaves of it, and lose the names of the types.
 */
export type RouterOf<T extends Table> = TRPCBuiltRouter<
  { ctx: object; meta: object; errorShape: ErrorShape; transformer: boolean },
  { [N in keyof T]: { [P in keyof T[N]]: Called<T[N][P]> } }
>

/**
 * The router's type, made from the contract alone: no type of the server's is behind it. Give it to
 * whatever takes a tRPC router's type, such as `@trpc/tanstack-react-query`.
 */
export type AppRouter = RouterOf<Contract>

/** What each procedure takes: `Inputs['tasks']['list']`. */
export type Inputs = {
  [N in keyof Contract]: {
    [P in keyof Contract[N]]: Contract[N][P] extends Procedure<infer _K, infer In, infer _P, infer _O> ? In : never
  }
}

/** What each procedure answers, a subscription for each event: `Outputs['tasks']['list']`. */
export type Outputs = {
  [N in keyof Contract]: {
    [P in keyof Contract[N]]: Contract[N][P] extends Procedure<infer _K, infer _I, infer _P, infer Out> ? Out : never
  }
}
