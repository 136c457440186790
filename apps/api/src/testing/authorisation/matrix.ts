import { cursorOf, NO_LIST, NO_USER, NOTHING_FOUND, type Rows } from './row.ts'
import { taskRows } from './task-rows.ts'

// Names of lists must be different.
let names = 0
const name = (): string => `name ${++names}`

/**
 * Who may call each procedure, and what its input may name: the expectations of `authorisation.db.test.ts`. The service
 * does not read the matrix: the contract's `access` and the row-level security policies enforce access. The matrix
 * repeats `access` by hand on purpose. A procedure without a row does not compile.
 */
export const matrix: Rows = {
  tasks: taskRows,
  lists: {
    create: {
      access: 'tasks:write',
      validInput: () => ({ name: name() }),
      references: [
        {
          name: 'id',
          of: 'list',
          missing: 'OK',
          own: 'ALREADY_EXISTS',
          isNew: true,
          input: (id) => ({ id, name: name() }),
        },
        { name: 'after', ...NO_LIST, input: (after) => ({ name: name(), after }) },
      ],
    },
    update: {
      access: 'tasks:write',
      validInput: async (create) => ({ id: await create('list'), changes: { name: name() } }),
      references: [
        { name: 'id', ...NO_LIST, input: (id) => ({ id, changes: { name: name() } }) },
        {
          name: 'changes.after',
          ...NO_LIST,
          input: async (after, create) => ({ id: await create('list'), changes: { after } }),
        },
      ],
    },
    delete: {
      access: 'tasks:write',
      validInput: async (create) => ({ id: await create('list'), tasks: 'inbox' }),
      references: [
        { name: 'id', ...NO_LIST, input: (id) => ({ id, tasks: 'inbox' }) },
        { name: 'id, with its tasks', path: 'id', ...NO_LIST, input: (id) => ({ id, tasks: 'trash' }) },
      ],
    },
    list: {
      access: 'tasks:read',
      validInput: () => ({}),
      references: [{ ...cursorOf('cursor of lists'), input: (cursor) => ({ limit: 1, cursor }) }],
    },
  },
  tags: {
    list: {
      access: 'tasks:read',
      validInput: () => ({}),
      references: [{ ...cursorOf('cursor of tags'), input: (cursor) => ({ limit: 1, cursor }) }],
    },
    rename: {
      access: 'tasks:write',
      validInput: () => ({ from: 'a', to: 'b' }),
      references: [{ name: 'from', of: 'tag', missing: 'OK', input: (from) => ({ from, to: 'renamed' }) }],
    },
  },
  changes: {
    list: {
      access: 'tasks:read',
      validInput: () => ({ after: 0, limit: 1 }),
      references: [
        { name: 'after', of: 'commit', missing: 'RESYNC_REQUIRED', input: (after) => ({ after: Number(after) }) },
        { name: 'entityId', ...NOTHING_FOUND, input: (entityId) => ({ after: 0, entityId }) },
      ],
    },
    subscribe: {
      access: 'tasks:read',
      validInput: () => ({ after: 0 }),
      references: [
        { name: 'after', of: 'commit', missing: 'RESYNC_REQUIRED', input: (after) => ({ after: Number(after) }) },
        { name: 'lastEventId', of: 'commit', missing: 'RESYNC_REQUIRED', input: (lastEventId) => ({ lastEventId }) },
      ],
    },
    revert: {
      access: 'tasks:write',
      validInput: async (create) => ({ revision: Number(await create('commit')) }),
      references: [
        { name: 'revision', of: 'commit', missing: 'NOT_FOUND', input: (revision) => ({ revision: Number(revision) }) },
      ],
    },
  },
  keys: {
    create: {
      access: 'session',
      validInput: () => ({ name: 'x', scopes: ['account'] }),
      references: [
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
      validInput: async (create) => ({ id: await create('key') }),
      references: [{ name: 'id', of: 'key', missing: 'NOT_FOUND', input: (id) => ({ id }) }],
    },
    list: {
      access: 'account',
      validInput: () => ({}),
      references: [{ ...cursorOf('cursor of keys'), input: (cursor) => ({ limit: 1, cursor }) }],
    },
  },
  me: {
    get: { access: 'account', validInput: () => ({}), references: [] },
    update: { access: 'account', validInput: () => ({ timeZone: 'UTC' }), references: [] },
    export: {
      access: 'account tasks:read',
      validInput: () => ({}),
      references: [{ ...cursorOf('cursor of export'), input: (cursor) => ({ cursor }) }],
    },
    delete: { access: 'session', validInput: () => ({}), references: [] },
  },
  users: {
    create: { access: 'users', validInput: () => ({ externalId: name(), name: 'x' }), references: [] },
    update: {
      access: 'users',
      validInput: async (create) => ({ id: await create('user'), changes: { name: name() } }),
      references: [{ name: 'id', ...NO_USER, input: (id) => ({ id, changes: { name: name() } }) }],
    },
    delete: {
      access: 'users',
      validInput: async (create) => ({ id: await create('user') }),
      references: [{ name: 'id', ...NO_USER, input: (id) => ({ id }) }],
    },
    list: {
      access: 'users',
      validInput: () => ({}),
      references: [
        {
          ...cursorOf('cursor of users'),
          own: 'VALIDATION',
          ofEveryone: true,
          input: (cursor) => ({ limit: 1, cursor }),
        },
      ],
    },
  },
  system: {
    health: { access: 'public', validInput: () => ({}), references: [] },
    contract: { access: 'public', validInput: () => ({}), references: [] },
  },
}
