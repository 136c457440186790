import type { Access, Contract, Kind as CallKind, KnownAppCode, Procedure } from '@taskwire/contract'

/** What an id may be of, and whatever else names something. */
export type Kind = 'task' | 'list' | 'key' | 'space' | 'commit' | 'tag' | 'word' | Cursor
export type Cursor = `cursor of ${'tasks' | 'lists' | 'tags' | 'keys' | 'export'}`
/** How a call ends: OK or the code of its refusal. */
export type Outcome = 'OK' | KnownAppCode

/** Makes something new of the caller's, to stand beside what is tried. */
export type Own = (kind: Kind) => Promise<string>

/** A place of an input where something is named. */
export interface Place<In> {
  readonly name: string
  /** Its path in the input, as a refusal tells it; its name unless given. */
  readonly path?: string
  readonly of: Kind
  /** What has this stand there. */
  input(named: string, own: Own): In | Promise<In>
  /** With a thing that nobody has; with another's it is the same, byte for byte. */
  readonly missing: Outcome
  /** With what is the caller's own; OK unless said. */
  readonly own?: Outcome
  /** With the caller's own task in the trash; OK unless said. */
  readonly trashed?: Outcome
  /** The id of what is to be made: another's is as good as a new one. */
  readonly fresh?: true
}

/** One procedure's row: who may, and each place of its input that names something. */
export interface Row<In> {
  readonly access: Access
  /** An input that names nothing, or what is the caller's own; its call succeeds. */
  plain(own: Own): In | Promise<In>
  readonly places: readonly Place<In>[]
}

type InputOf<P> = P extends Procedure<CallKind, infer In, infer _Parsed, infer _Out> ? In : never
type Rows = { [N in keyof Contract]: { [P in keyof Contract[N]]: Row<InputOf<Contract[N][P]>> } }

const NOT_FOUND = { of: 'task', missing: 'NOT_FOUND' } as const
const IN_TRASH = { ...NOT_FOUND, trashed: 'IN_TRASH' } as const
const NO_LIST = { of: 'list', missing: 'NOT_FOUND' } as const
const NO_AFTER = { ...NOT_FOUND, trashed: 'NOT_FOUND' } as const
const NOTHING_FOUND = { of: 'list', missing: 'OK' } as const
const cursorOf = <K extends Cursor>(of: K) => ({ name: 'cursor', of, missing: 'VALIDATION' }) as const
const changes = { title: 'x' }
// No two lists of a user have the same.
let names = 0
const name = (): string => `name ${++names}`

/**
 * What the test expects of every procedure: who may call it, and what they may name. Nothing reads it while the service
 * runs: there the contract's `access` holds, of which this is a second account by hand, and the policies of the
 * database. A procedure without a row does not compile.
 */
export const matrix: Rows = {
  tasks: {
    create: {
      access: 'tasks:write',
      plain: () => ({ title: 'x' }),
      places: [
        {
          name: 'id',
          of: 'task',
          missing: 'OK',
          own: 'ALREADY_EXISTS',
          trashed: 'ALREADY_EXISTS',
          fresh: true,
          input: (id) => ({ id, title: 'x' }),
        },
        { name: 'listId', ...NO_LIST, input: (listId) => ({ title: 'x', listId }) },
        { name: 'after', ...NO_AFTER, input: (after) => ({ title: 'x', after }) },
      ],
    },
    createMany: {
      access: 'tasks:write',
      plain: () => ({ tasks: [{ title: 'x' }] }),
      places: [
        {
          name: 'id',
          of: 'task',
          missing: 'OK',
          own: 'ALREADY_EXISTS',
          trashed: 'ALREADY_EXISTS',
          fresh: true,
          input: (id) => ({ tasks: [{ title: 'x' }, { id, title: 'y' }] }),
        },
        {
          name: 'listId',
          path: 'tasks.1.listId',
          ...NO_LIST,
          input: (listId) => ({ tasks: [{ title: 'x' }, { title: 'y', listId }] }),
        },
        {
          name: 'after',
          path: 'tasks.1.after',
          ...NO_AFTER,
          input: (after) => ({ tasks: [{ title: 'x' }, { title: 'y', after }] }),
        },
      ],
    },
    get: {
      access: 'tasks:read',
      plain: async (own) => ({ id: await own('task') }),
      places: [{ name: 'id', ...NOT_FOUND, input: (id) => ({ id }) }],
    },
    list: {
      access: 'tasks:read',
      plain: () => ({}),
      places: [
        { name: 'filter.listId', ...NOTHING_FOUND, input: (listId) => ({ filter: { listId } }) },
        {
          name: 'filter.listId[]',
          ...NOTHING_FOUND,
          input: (listId) => ({ filter: { listId: [listId], trash: 'with' } }),
        },
        { name: 'filter.tags', of: 'tag', missing: 'OK', input: (tag) => ({ filter: { tags: { any: [tag] } } }) },
        { name: 'filter.search', of: 'word', missing: 'OK', input: (search) => ({ filter: { search } }) },
        { ...cursorOf('cursor of tasks'), input: (cursor) => ({ limit: 1, cursor }) },
      ],
    },
    count: {
      access: 'tasks:read',
      plain: () => ({}),
      places: [
        { name: 'filter.listId', ...NOTHING_FOUND, input: (listId) => ({ filter: { listId } }) },
        { name: 'filter.tags', of: 'tag', missing: 'OK', input: (tag) => ({ filter: { tags: { all: [tag] } } }) },
        { name: 'filter.search', of: 'word', missing: 'OK', input: (search) => ({ filter: { search } }) },
      ],
    },
    update: {
      access: 'tasks:write',
      plain: async (own) => ({ id: await own('task'), changes }),
      places: [
        { name: 'id', ...IN_TRASH, input: (id) => ({ id, changes }) },
        {
          name: 'id, with expectedRevision',
          path: 'id',
          ...NOT_FOUND,
          trashed: 'IN_TRASH',
          own: 'REVISION_CONFLICT',
          input: (id) => ({ id, changes, expectedRevision: 1e9 }),
        },
      ],
    },
    complete: {
      access: 'tasks:write',
      plain: async (own) => ({ id: await own('task') }),
      places: [{ name: 'id', ...IN_TRASH, input: (id) => ({ id }) }],
    },
    move: {
      access: 'tasks:write',
      plain: async (own) => ({ id: await own('task') }),
      places: [
        { name: 'id', ...IN_TRASH, input: (id) => ({ id }) },
        { name: 'listId', ...NO_LIST, input: async (listId, own) => ({ id: await own('task'), listId }) },
        { name: 'after', ...NO_AFTER, input: async (after, own) => ({ id: await own('task'), after }) },
      ],
    },
    delete: {
      access: 'tasks:write',
      plain: async (own) => ({ id: await own('task') }),
      places: [{ name: 'id', ...NOT_FOUND, input: (id) => ({ id }) }],
    },
    restore: {
      access: 'tasks:write',
      plain: async (own) => ({ id: await own('task') }),
      places: [{ name: 'id', ...NOT_FOUND, input: (id) => ({ id }) }],
    },
    purge: {
      access: 'tasks:write',
      plain: async (own) => ({ id: await own('task') }),
      places: [{ name: 'id', ...NOT_FOUND, input: (id) => ({ id }) }],
    },
    bulk: {
      access: 'tasks:write',
      plain: async (own) => ({ ids: [await own('task')], action: { type: 'delete' } }),
      places: [
        { name: 'ids', path: 'ids.0', ...NOT_FOUND, input: (id) => ({ ids: [id], action: { type: 'delete' } }) },
        {
          name: 'ids, beside its own',
          path: 'ids.1',
          ...NOT_FOUND,
          input: async (id, own) => ({ ids: [await own('task'), id], action: { type: 'purge' } }),
        },
        {
          name: 'ids, dry',
          path: 'ids.0',
          ...NOT_FOUND,
          input: (id) => ({ ids: [id], action: { type: 'restore' }, dryRun: true }),
        },
        {
          name: 'ids to update',
          path: 'ids.0',
          ...IN_TRASH,
          input: (id) => ({ ids: [id], action: { type: 'update', changes } }),
        },
        {
          name: 'action.listId',
          ...NO_LIST,
          input: async (listId, own) => ({ ids: [await own('task')], action: { type: 'move', listId } }),
        },
        {
          name: 'filter.listId',
          ...NOTHING_FOUND,
          input: (listId) => ({ filter: { listId }, action: { type: 'delete' }, maxAffected: 9 }),
        },
        {
          name: 'filter.tags',
          of: 'tag',
          missing: 'OK',
          input: (tag) => ({ filter: { tags: { any: [tag] } }, action: { type: 'delete' }, maxAffected: 9 }),
        },
        {
          name: 'filter.search',
          of: 'word',
          missing: 'OK',
          input: (search) => ({ filter: { search, trash: 'with' }, action: { type: 'purge' }, maxAffected: 9 }),
        },
      ],
    },
  },
  lists: {
    create: {
      access: 'tasks:write',
      plain: () => ({ name: name() }),
      places: [
        {
          name: 'id',
          of: 'list',
          missing: 'OK',
          own: 'ALREADY_EXISTS',
          fresh: true,
          input: (id) => ({ id, name: name() }),
        },
        { name: 'after', ...NO_LIST, input: (after) => ({ name: name(), after }) },
      ],
    },
    update: {
      access: 'tasks:write',
      plain: async (own) => ({ id: await own('list'), changes: { name: name() } }),
      places: [
        { name: 'id', ...NO_LIST, input: (id) => ({ id, changes: { name: name() } }) },
        {
          name: 'changes.after',
          ...NO_LIST,
          input: async (after, own) => ({ id: await own('list'), changes: { after } }),
        },
      ],
    },
    delete: {
      access: 'tasks:write',
      plain: async (own) => ({ id: await own('list'), tasks: 'inbox' }),
      places: [
        { name: 'id', ...NO_LIST, input: (id) => ({ id, tasks: 'inbox' }) },
        { name: 'id, with its tasks', path: 'id', ...NO_LIST, input: (id) => ({ id, tasks: 'trash' }) },
      ],
    },
    list: {
      access: 'tasks:read',
      plain: () => ({}),
      places: [{ ...cursorOf('cursor of lists'), input: (cursor) => ({ limit: 1, cursor }) }],
    },
  },
  tags: {
    list: {
      access: 'tasks:read',
      plain: () => ({}),
      places: [{ ...cursorOf('cursor of tags'), input: (cursor) => ({ limit: 1, cursor }) }],
    },
    rename: {
      access: 'tasks:write',
      plain: () => ({ from: 'a', to: 'b' }),
      places: [{ name: 'from', of: 'tag', missing: 'OK', input: (from) => ({ from, to: 'renamed' }) }],
    },
  },
  changes: {
    list: {
      access: 'tasks:read',
      plain: () => ({ after: 0, limit: 1 }),
      places: [
        { name: 'after', of: 'commit', missing: 'RESYNC_REQUIRED', input: (after) => ({ after: Number(after) }) },
      ],
    },
    subscribe: {
      access: 'tasks:read',
      plain: () => ({ after: 0 }),
      places: [
        { name: 'after', of: 'commit', missing: 'RESYNC_REQUIRED', input: (after) => ({ after: Number(after) }) },
        { name: 'lastEventId', of: 'commit', missing: 'RESYNC_REQUIRED', input: (lastEventId) => ({ lastEventId }) },
      ],
    },
    revert: {
      access: 'tasks:write',
      plain: async (own) => ({ revision: Number(await own('commit')) }),
      places: [
        { name: 'revision', of: 'commit', missing: 'NOT_FOUND', input: (revision) => ({ revision: Number(revision) }) },
      ],
    },
  },
  keys: {
    create: {
      access: 'session',
      plain: () => ({ name: 'x', scopes: ['account'] }),
      places: [
        {
          name: 'spaceId',
          of: 'space',
          missing: 'NOT_FOUND',
          input: (spaceId) => ({ name: 'x', scopes: ['tasks:read'], spaceId }),
        },
      ],
    },
    revoke: {
      access: 'account',
      plain: async (own) => ({ id: await own('key') }),
      places: [{ name: 'id', of: 'key', missing: 'NOT_FOUND', input: (id) => ({ id }) }],
    },
    list: {
      access: 'account',
      plain: () => ({}),
      places: [{ ...cursorOf('cursor of keys'), input: (cursor) => ({ limit: 1, cursor }) }],
    },
  },
  me: {
    get: { access: 'account', plain: () => ({}), places: [] },
    update: { access: 'account', plain: () => ({ timeZone: 'UTC' }), places: [] },
    export: {
      access: 'account tasks:read',
      plain: () => ({}),
      places: [{ ...cursorOf('cursor of export'), input: (cursor) => ({ cursor }) }],
    },
    delete: { access: 'session', plain: () => ({}), places: [] },
  },
  system: {
    health: { access: 'public', plain: () => ({}), places: [] },
    contract: { access: 'public', plain: () => ({}), places: [] },
  },
}
