import type { Access, Contract, Kind as CallKind, KnownAppCode, Procedure } from '@taskwire/contract'

/** What a field of an input may name: a row by its id, or a tag, a word or a page. */
export type ObjectKind = 'task' | 'list' | 'key' | 'space' | 'user' | 'commit' | 'tag' | 'word' | Cursor
export type Cursor = `cursor of ${'tasks' | 'lists' | 'tags' | 'keys' | 'users' | 'export'}`
/** The outcome of a call: OK or the code of its refusal. */
export type Outcome = 'OK' | KnownAppCode

/** Creates something of the caller; returns its id, name or cursor. */
export type CreateOwn = (kind: ObjectKind) => Promise<string>

/** A field of an input that names something. */
export interface Reference<In> {
  readonly name: string
  /** The path of the field in a refusal; by default its name. */
  readonly path?: string
  readonly of: ObjectKind
  /** Returns an input with this value in the field. */
  input(value: string, create: CreateOwn): In | Promise<In>
  /** The outcome with an unknown value. With another user's value, the reply must be the same. */
  readonly missing: Outcome
  /** The outcome with a value of the caller; by default OK. */
  readonly own?: Outcome
  /** The outcome with the caller's task in the trash; by default OK. */
  readonly trashed?: Outcome
  /** The id of a row to be created: another user's id is like a new one. */
  readonly isNew?: true
  /** The procedure manages all accounts, so a permitted caller is not tested with another user's value. */
  readonly ofEveryone?: true
}

/** The row of a procedure: who may call it, and the references of its input. */
export interface Row<In> {
  readonly access: Access
  /** Returns an input whose call succeeds. */
  validInput(create: CreateOwn): In | Promise<In>
  readonly references: readonly Reference<In>[]
}

type InputOf<P> = P extends Procedure<CallKind, infer In, infer _Parsed, infer _Out> ? In : never
export type Rows = { [N in keyof Contract]: { [P in keyof Contract[N]]: Row<InputOf<Contract[N][P]>> } }

export const NOT_FOUND = { of: 'task', missing: 'NOT_FOUND' } as const
export const IN_TRASH = { ...NOT_FOUND, trashed: 'IN_TRASH' } as const
export const NO_LIST = { of: 'list', missing: 'NOT_FOUND' } as const
export const NO_AFTER = { ...NOT_FOUND, trashed: 'NOT_FOUND' } as const
export const NO_USER = { of: 'user', missing: 'USER_UNKNOWN', ofEveryone: true } as const
export const NOTHING_FOUND = { of: 'list', missing: 'OK' } as const
export const cursorOf = <K extends Cursor>(of: K) => ({ name: 'cursor', of, missing: 'VALIDATION' }) as const
