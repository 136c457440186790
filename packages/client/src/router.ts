import type { Contract, Kind, Procedure } from '@taskwire/contract/contract'
import type {
  TRPCBuiltRouter,
  TRPCMutationProcedure,
  TRPCQueryProcedure,
  TRPCSubscriptionProcedure,
} from '@trpc/server'
import type { FeedEvent, Omissible } from './call-types.ts'
import type { ErrorShape } from './errors.ts'

type Table = Record<string, Record<string, { kind: Kind }>>

type Called<P> =
  P extends Procedure<'query', infer In, infer _Parsed, infer Out>
    ? TRPCQueryProcedure<{ input: Omissible<In>; output: Out; meta: object }>
    : P extends Procedure<'mutation', infer In, infer _Parsed, infer Out>
      ? TRPCMutationProcedure<{ input: Omissible<In>; output: Out; meta: object }>
      : P extends Procedure<'subscription', infer In, infer _Parsed, infer Out>
        ? TRPCSubscriptionProcedure<{ input: Omissible<In>; output: AsyncIterable<FeedEvent<Out>>; meta: object }>
        : never

/**
 * The router type of a table of procedures. There is no transformer. But if `transformer` were `false` here, tRPC would
 * compute every output type after a conversion to JSON, and the types would lose their names.
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
