import { cursorOf, IN_TRASH, NO_AFTER, NO_LIST, NOT_FOUND, NOTHING_FOUND, type Rows } from './row.ts'

const changes = { title: 'x' }

/** The rows of `tasks` in the matrix. */
export const taskRows: Rows['tasks'] = {
  create: {
    access: 'tasks:write',
    validInput: () => ({ title: 'x' }),
    references: [
      {
        name: 'id',
        of: 'task',
        missing: 'OK',
        own: 'ALREADY_EXISTS',
        trashed: 'ALREADY_EXISTS',
        isNew: true,
        input: (id) => ({ id, title: 'x' }),
      },
      { name: 'listId', ...NO_LIST, input: (listId) => ({ title: 'x', listId }) },
      { name: 'after', ...NO_AFTER, input: (after) => ({ title: 'x', after }) },
    ],
  },
  createMany: {
    access: 'tasks:write',
    validInput: () => ({ tasks: [{ title: 'x' }] }),
    references: [
      {
        name: 'id',
        of: 'task',
        missing: 'OK',
        own: 'ALREADY_EXISTS',
        trashed: 'ALREADY_EXISTS',
        isNew: true,
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
    validInput: async (create) => ({ id: await create('task') }),
    references: [{ name: 'id', ...NOT_FOUND, input: (id) => ({ id }) }],
  },
  list: {
    access: 'tasks:read',
    validInput: () => ({}),
    references: [
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
    validInput: () => ({}),
    references: [
      { name: 'filter.listId', ...NOTHING_FOUND, input: (listId) => ({ filter: { listId } }) },
      { name: 'filter.tags', of: 'tag', missing: 'OK', input: (tag) => ({ filter: { tags: { all: [tag] } } }) },
      { name: 'filter.search', of: 'word', missing: 'OK', input: (search) => ({ filter: { search } }) },
    ],
  },
  update: {
    access: 'tasks:write',
    validInput: async (create) => ({ id: await create('task'), changes }),
    references: [
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
    validInput: async (create) => ({ id: await create('task') }),
    references: [{ name: 'id', ...IN_TRASH, input: (id) => ({ id }) }],
  },
  move: {
    access: 'tasks:write',
    validInput: async (create) => ({ id: await create('task') }),
    references: [
      { name: 'id', ...IN_TRASH, input: (id) => ({ id }) },
      { name: 'listId', ...NO_LIST, input: async (listId, create) => ({ id: await create('task'), listId }) },
      { name: 'after', ...NO_AFTER, input: async (after, create) => ({ id: await create('task'), after }) },
    ],
  },
  delete: {
    access: 'tasks:write',
    validInput: async (create) => ({ id: await create('task') }),
    references: [{ name: 'id', ...NOT_FOUND, input: (id) => ({ id }) }],
  },
  restore: {
    access: 'tasks:write',
    validInput: async (create) => ({ id: await create('task') }),
    references: [{ name: 'id', ...NOT_FOUND, input: (id) => ({ id }) }],
  },
  purge: {
    access: 'tasks:write',
    validInput: async (create) => ({ id: await create('task') }),
    references: [{ name: 'id', ...NOT_FOUND, input: (id) => ({ id }) }],
  },
  bulk: {
    access: 'tasks:write',
    validInput: async (create) => ({ ids: [await create('task')], action: { type: 'delete' } }),
    references: [
      { name: 'ids', path: 'ids.0', ...NOT_FOUND, input: (id) => ({ ids: [id], action: { type: 'delete' } }) },
      {
        name: 'ids, beside its own',
        path: 'ids.1',
        ...NOT_FOUND,
        input: async (id, create) => ({ ids: [await create('task'), id], action: { type: 'purge' } }),
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
        input: async (listId, create) => ({ ids: [await create('task')], action: { type: 'move', listId } }),
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
}
