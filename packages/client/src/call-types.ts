import type { Contract, Procedure } from '@taskwire/contract/contract'
import type { TaskwireError } from './errors.ts'

// These types name nothing of tRPC, since tRPC's declarations need the types of Node and of `ws`.

/** Options of one call. */
export interface CallOptions {
  /** Aborts the call. */
  signal?: AbortSignal | undefined
}

/** An event of `subscribe`. To resume the stream after this event, send its id as `lastEventId`. */
export interface FeedEvent<Item> {
  id: string
  data: Item
}

/** The callbacks of a subscription. */
export interface Subscriber<Item> extends CallOptions {
  onData(event: FeedEvent<Item>): void
  onStarted?: (() => void) | undefined
  /** Called when the subscription has ended with an error. */
  onError?: ((error: TaskwireError) => void) | undefined
  onStopped?: (() => void) | undefined
  onComplete?: (() => void) | undefined
  /** Called when the stream connects, loses its connection or reconnects. */
  onConnectionStateChange?:
    | ((connection: { state: 'idle' | 'connecting' | 'pending'; error: TaskwireError | null }) => void)
    | undefined
}

// An input without required fields may be left out; the client then sends an empty one.
export type Omissible<In> = {} extends In ? In | void : In

type Call<In, Out> = (input: Omissible<In>, options?: CallOptions) => Promise<Out>

// The type leaves out tRPC's iterators, which not every version of tRPC 11 has.
type Subscribe<In, Item> = (input: Omissible<In>, subscriber: Subscriber<Item>) => { unsubscribe(): void }

type Called<P> =
  P extends Procedure<'query', infer In, infer _Parsed, infer Out>
    ? { query: Call<In, Out> }
    : P extends Procedure<'mutation', infer In, infer _Parsed, infer Out>
      ? { mutate: Call<In, Out> }
      : P extends Procedure<'subscription', infer In, infer _Parsed, infer Item>
        ? { subscribe: Subscribe<In, Item> }
        : never

/** The calls of a table of procedures. */
export type CallsOf<T> = { [N in keyof T]: { [P in keyof T[N]]: Called<T[N][P]> } }

/** The calls of every procedure: `calls.tasks.create.mutate(input)`. */
export type Calls = CallsOf<Contract>

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
