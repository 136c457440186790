import type { AppErrorData } from '@taskwire/contract/errors'
import type { Contract, Procedure } from '@taskwire/contract/contract'
import type { TRPCBuiltRouter, TRPCMutationProcedure, TRPCQueryProcedure } from '@trpc/server'

/** What the wire carries of a refusal. */
export interface ErrorShape {
  message: string
  code: number
  data: AppErrorData
}

type Called<P> =
  P extends Procedure<'query', infer In, infer _Parsed, infer Out>
    ? TRPCQueryProcedure<{ input: Void<In>; output: Out; meta: object }>
    : P extends Procedure<'mutation', infer In, infer _Parsed, infer Out>
      ? TRPCMutationProcedure<{ input: Void<In>; output: Out; meta: object }>
      : never

// An input that may be left out is one that the call may leave out.
type Void<In> = undefined extends In ? In | void : In

/**
 * The router's type, made from the contract alone: no type of the server's is behind it. Give it to
 * whatever takes a tRPC router's type, such as `@trpc/tanstack-react-query`.
 */
export type AppRouter = TRPCBuiltRouter<
  { ctx: object; meta: object; errorShape: ErrorShape; transformer: false },
  { [N in keyof Contract]: { [P in keyof Contract[N]]: Called<Contract[N][P]> } }
>
