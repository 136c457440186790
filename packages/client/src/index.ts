export type { Account, AccountUpdate, ApiKey, KeyCreate, Scope } from '@taskwire/contract/account'
export type { Action, ActorKind, Change, ChangedRows, ChangeOf, ChangesInput, Entity } from '@taskwire/contract/change'
export type { AppCode, FieldError, KnownAppCode } from '@taskwire/contract/errors'
export type { FeedInput, FeedItem } from '@taskwire/contract/feed'
export type { Due, Priority } from '@taskwire/contract/fields'
export { LIMITS } from '@taskwire/contract/limits'
export type { List } from '@taskwire/contract/list'
export type {
  BulkResult,
  ChangesPage,
  Counts,
  ExportPage,
  Page,
  RevisionedPage,
  TagCount,
} from '@taskwire/contract/replies'
export type { Task, TaskChanges, TaskDraft, TaskMove } from '@taskwire/contract/task'
export type {
  BulkAction,
  TaskBulk,
  TaskCountInput,
  TaskFilter,
  TaskListInput,
  TaskSort,
} from '@taskwire/contract/task-filter'
export { CONTRACT_VERSION } from '@taskwire/contract/version'
export type { CallOptions, FeedEvent, Inputs, Outputs, Subscriber } from './call-types.ts'
export { type Client, type ClientOptions, createClient } from './client.ts'
export { type ErrorShape, type Failure, failureOf, isTaskwireError, TaskwireError } from './errors.ts'
export type { FeedStatus, Follow, FollowOptions } from './follow.ts'
export { isChangeOf } from './is-change-of.ts'
export type { RetryOptions } from './retry-options.ts'
export type { Fetch } from './send.ts'
export { type SignedIn, signIn, SignInError, type SignInInput, signOut, signUp, type SignUpInput } from './sign-in.ts'
