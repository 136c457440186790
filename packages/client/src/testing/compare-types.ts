// Types by which procedures.test-d.ts compares the client with the expected shapes.
import type { Subscriber } from '../index.ts'

// Flattens interfaces and intersections, so that only their members are compared.
type Plain = string | number | boolean | null | undefined
type Flat<T> = T extends Plain
  ? T
  : T extends (infer Item)[]
    ? Flat<Item>[]
    : T extends object
      ? { [K in keyof T]: Flat<T[K]> }
      : T
export type Called<P> = P extends {
  subscribe: (input: infer In, subscriber: Subscriber<infer Item>) => { unsubscribe(): void }
}
  ? { only: Exclude<keyof P, 'follow'>; input: Flat<In>; output: Flat<Item> }
  : P extends { query: (input: infer In, options?: infer _O) => Promise<infer Out> }
    ? { only: keyof P; input: Flat<In>; output: Flat<Out> }
    : P extends { mutate: (input: infer In, options?: infer _O) => Promise<infer Out> }
      ? { only: keyof P; input: Flat<In>; output: Flat<Out> }
      : never
export interface Query<In, Out> {
  only: 'query'
  input: Flat<In>
  output: Flat<Out>
}
export interface Subscription<In, Item> {
  only: 'subscribe'
  input: Flat<In>
  output: Flat<Item>
}
export interface Mutation<In, Out> {
  only: 'mutate'
  input: Flat<In>
  output: Flat<Out>
}
// Two conditional types are identical only if the types that they test for are identical.
// oxlint-disable typescript/no-unnecessary-type-parameters -- without T, TypeScript would decide each condition at once, and compare only its result
type Identical<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
// oxlint-enable typescript/no-unnecessary-type-parameters
/** True for identical types; otherwise the paths of what differs, which the compiler then shows. */
export type Same<A, B> = Identical<Flat<A>, Flat<B>> extends true ? true : Differing<Flat<A>, Flat<B>, 'differs'>
type Differing<A, B, Path extends string> = [A, B] extends [Members, Members]
  ? // Without different members, members differ in being optional.
    OrElse<DifferingMembers<A, B, Path>[(keyof A | keyof B) & string], Path>
  : Path
type DifferingMembers<A, B, Path extends string> = {
  [K in (keyof A | keyof B) & string]: Identical<MemberOf<A, K>, MemberOf<B, K>> extends true
    ? never
    : Differing<MemberOf<A, K>, MemberOf<B, K>, `${Path}.${K}`>
}
type OrElse<T, Otherwise> = [T] extends [never] ? Otherwise : T
type Members = Record<string, unknown>
type MemberOf<T, K> = K extends keyof T ? T[K] : 'missing'
export type HoldsAny<T> = 0 extends 1 & T
  ? true
  : T extends Plain
    ? false
    : T extends (infer Item)[]
      ? HoldsAny<Item>
      : T extends object
        ? { [K in keyof T]-?: HoldsAny<T[K]> }[keyof T]
        : false
