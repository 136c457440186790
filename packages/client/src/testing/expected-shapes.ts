// The types of callers, written out by hand, so that every change of the contract's types has to be made here too.
export type Priorities = 'none' | 'low' | 'medium' | 'high' | 'urgent'
export type DueDate =
  | { date: string; time?: undefined; timeZone?: undefined }
  | { date: string; time: string; timeZone: string }
export type Scopes = 'tasks:read' | 'tasks:write' | 'account'
export type Open<Known> = Known | (string & {})
export interface TaskShape {
  id: string
  spaceId: string
  userId: string | null
  listId: string | null
  title: string
  description: string | null
  complete: boolean
  completedAt: string | null
  priority: Priorities
  tags: string[]
  due: DueDate | null
  dueAt: string | null
  position: string
  revision: number
  createdAt: string
  updatedAt: string
  deletedAt: string | null
}
export interface ListShape {
  id: string
  name: string
  position: string
  revision: number
  createdAt: string
  updatedAt: string
}
interface EntryShape<Entity, Row> {
  revision: number
  commit: number
  at: string
  mutationId: string | null
  requestId: string | null
  actor: { kind: Open<'user' | 'key' | 'service' | 'system'>; userId: string | null; keyId: string | null }
  action: Open<'create' | 'update' | 'complete' | 'reopen' | 'move' | 'delete' | 'restore' | 'purge'>
  entity: Entity
  entityId: string
  before: Row | null
  after: Row | null
  redacted?: boolean | undefined
}
export type ChangeShape =
  | EntryShape<'task', Partial<TaskShape>>
  | EntryShape<'list', Partial<ListShape>>
  | EntryShape<'account', { name?: string; timeZone?: string }>
  | EntryShape<'key', Partial<KeyShape>>
  | EntryShape<string & {}, Record<string, unknown>>
export interface AccountShape {
  id: string
  email: string | null
  name: string
  timeZone: string
  externalId: string | null
  createdAt: string
}
export interface UserShape extends AccountShape {
  disabled: boolean
}
export type NamesUser = { id: string; externalId?: undefined } | { id?: undefined; externalId: string }
export interface KeyShape {
  id: string
  name: string
  scopes: Open<Scopes>[]
  spaceId: string | null
  createdAt: string
  expiresAt: string | null
}

export interface Mutating {
  mutationId?: string | undefined
}
export interface OnRow extends Mutating {
  id: string
  expectedRevision?: number | undefined
}
export interface Content {
  title?: string | undefined
  description?: string | null | undefined
  complete?: boolean | undefined
  priority?: Priorities | undefined
  tags?: string[] | undefined
  due?: DueDate | null | undefined
}
export interface Changes extends Content {
  dueDate?: string | undefined
}
export interface Draft extends Omit<Content, 'title'> {
  id?: string | undefined
  title: string
  listId?: string | null | undefined
  after?: string | null | undefined
}
export interface ListChanges {
  name?: string | undefined
  after?: string | null | undefined
}
export interface ListDraft extends ListChanges {
  id?: string | undefined
  name: string
}
export interface Filter {
  complete?: boolean | undefined
  priority?: Priorities[] | undefined
  tags?: { all: string[]; any?: undefined } | { any: string[]; all?: undefined } | undefined
  listId?: string | null | (string | null)[] | undefined
  due?:
    | { on?: string | undefined; before?: string | undefined; after?: string | undefined }
    | 'today'
    | 'overdue'
    | 'none'
    | undefined
  search?: string | undefined
  trash?: 'without' | 'only' | 'with' | undefined
}
export interface Filtered {
  filter?: Filter | undefined
  timeZone?: string | undefined
}
export interface Paging {
  limit?: number | undefined
  cursor?: string | null | undefined
}
export interface Sort {
  by: 'createdAt' | 'updatedAt' | 'completedAt' | 'deletedAt' | 'due' | 'priority' | 'title' | 'position'
  direction: 'asc' | 'desc'
}
export type Action =
  | { type: 'update'; changes: Changes }
  | { type: 'complete'; complete: boolean }
  | { type: 'move'; listId: string | null }
  | { type: 'delete' }
  | { type: 'restore' }
  | { type: 'purge' }
