import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { type Bad, CONTENT, FILTER, ID, NO_FIELDS, REVISION, ZONE } from '../../testing/bad-values.ts'
import { type Caller, changesAfter, newCaller } from '../../testing/caller.ts'

const service = await startTestService()
const caller = await newCaller(service)
afterAll(async () => await service[Symbol.asyncDispose]())

const list = await caller.client.lists.create.mutate({ name: 'Home' })
const { id } = await caller.client.tasks.create.mutate({ title: 'a', listId: list.id })

async function readEverything({ client }: Caller): Promise<unknown> {
  const tasks = await client.tasks.list.query({ filter: { trash: 'with' } })
  return { tasks, lists: await client.lists.list.query({}), changes: await changesAfter(caller, 0) }
}

/** Checks that each bad value, alone in an otherwise valid input, is refused by the path of its field. */
async function expectRefusals(
  path: string,
  fields: Record<string, readonly Bad[]>,
  parentPath: string,
  inputWith: (field: Record<string, unknown>) => unknown,
): Promise<void> {
  const before = await readEverything(caller)
  for (const [name, values] of Object.entries(fields))
    for (const [value, below = ''] of values) {
      const input = inputWith({ [name]: value })
      const { status, error } = await caller.call(path, input)
      const message = `${path} ${JSON.stringify(input).slice(0, 300)}`
      expect(status, message).toBe(400)
      const badPath = [parentPath, name, below].filter((part) => part !== '').join('.')
      const paths = error?.data.fields?.map((field) => field.path) ?? []
      expect(
        paths.some((path) => path === badPath || path.startsWith(`${badPath}.`)),
        `${message}: ${paths.join()}`,
      ).toBe(true)
    }
  expect(await readEverything(caller)).toEqual(before)
}

const mutating = { mutationId: [...ID, [null]] as Bad[] }
const onRow = { ...mutating, id: [...ID, [null], [undefined]] as Bad[], expectedRevision: REVISION }
const placed = { listId: ID, after: ID }

test('tasks.create', async () => {
  const fields = { ...CONTENT, ...placed, ...mutating, ...NO_FIELDS, id: [...ID, [null]] as Bad[] }
  await expectRefusals('tasks.create', fields, '', (field) => ({ title: 'b', ...field }))
  await expectRefusals('tasks.create', { title: [[undefined]] }, '', (field) => field)
})

test('tasks.createMany', async () => {
  const draft = { ...CONTENT, ...placed, ...NO_FIELDS, id: [...ID, [null]] as Bad[], mutationId: ID }
  await expectRefusals('tasks.createMany', draft, 'tasks.1', (field) => ({
    tasks: [{ title: 'b' }, { title: 'c', ...field }],
  }))
  const tasks: Bad[] = [[undefined], [null], [{}], [[]], [[null], '0'], [['x'], '0'], [[[]], '0']]
  await expectRefusals('tasks.createMany', { ...mutating, tasks, title: [['a']] }, '', (field) => ({
    tasks: [{ title: 'b' }],
    ...field,
  }))
})

test('tasks.update', async () => {
  const wrong: Record<string, Bad[]> = { ...CONTENT, ...NO_FIELDS, id: ID, listId: ID, after: ID }
  await expectRefusals('tasks.update', wrong, 'changes', (field) => ({ id, changes: { priority: 'low', ...field } }))
  const changes: Bad[] = [[undefined], [null], [{}], [[]], ['x'], [{ title: undefined }]]
  await expectRefusals('tasks.update', { ...onRow, ...NO_FIELDS, changes }, '', (field) => ({
    id,
    changes: { title: 'b' },
    ...field,
  }))
})

test('tasks.complete, move, delete, restore, purge and get', async () => {
  await expectRefusals(
    'tasks.complete',
    { ...onRow, ...NO_FIELDS, complete: [[null], [1], ['true']] },
    '',
    (field) => ({
      id,
      ...field,
    }),
  )
  await expectRefusals('tasks.move', { ...onRow, ...placed, ...NO_FIELDS }, '', (field) => ({ id, ...field }))
  for (const name of ['delete', 'restore', 'purge'])
    await expectRefusals(`tasks.${name}`, { ...onRow, ...NO_FIELDS, complete: [[true]] }, '', (field) => ({
      id,
      ...field,
    }))
  await expectRefusals('tasks.get', { ...NO_FIELDS, id: onRow.id, expectedRevision: [[1]] }, '', (field) => ({
    id,
    ...field,
  }))
})

test('tasks.list and count', async () => {
  const wrong: Bad[] = [[null], [[]], ['x']]
  for (const name of ['list', 'count']) {
    await expectRefusals(`tasks.${name}`, FILTER, 'filter', (field) => ({ filter: field }))
    await expectRefusals(`tasks.${name}`, { ...NO_FIELDS, filter: wrong, timeZone: ZONE }, '', (field) => field)
  }
  const sort: Bad[] = [
    ...wrong,
    [{}, 'by'],
    [{ by: 'due' }, 'direction'],
    [{ by: 'id', direction: 'asc' }, 'by'],
    [{ by: 'due', direction: 'up' }, 'direction'],
    [{ by: 'due', direction: 'asc', nulls: 'first' }, 'nulls'],
  ]
  const limit: Bad[] = [[0], [101], [-1], [1.5], ['5'], [null]]
  await expectRefusals('tasks.list', { sort, limit, cursor: [[''], [5], ['x'.repeat(1001)]] }, '', (field) => field)
})

test('tasks.bulk', async () => {
  const action = { type: 'delete' }
  const ids = [id]
  await expectRefusals('tasks.bulk', FILTER, 'filter', (field) => ({
    filter: { complete: false, ...field },
    maxAffected: 1,
    action,
  }))
  const changes = { ...CONTENT, ...NO_FIELDS, listId: ID }
  await expectRefusals('tasks.bulk', changes, 'action.changes', (field) => ({
    ids,
    action: { type: 'update', changes: { priority: 'low', ...field } },
  }))
  const actions: Bad[] = [
    [undefined],
    [null],
    ['delete'],
    [{}],
    [{ type: 'archive' }],
    [{ type: 'move' }, 'listId'],
    [{ type: 'move', listId: 'x' }, 'listId'],
    [{ type: 'move', listId: null, after: null }, 'after'],
    [{ type: 'update' }, 'changes'],
    [{ type: 'update', changes: {} }, 'changes'],
    [{ type: 'delete', changes: { title: 'b' } }, 'changes'],
  ]
  const wrongIds: Bad[] = [[[]], ['x'], [null], [{}], ...ID.map(([value]): Bad => [[id, value], '1']), [[id, id]]]
  const others = {
    ids: wrongIds,
    action: actions,
    dryRun: [['true'], [1], [null]] as Bad[],
    timeZone: ZONE,
    ...mutating,
    ...NO_FIELDS,
  }
  await expectRefusals('tasks.bulk', others, '', (field) => ({ ids, action, ...field }))
  const maxAffected: Bad[] = [[undefined], [null], [0], [10_001], [1.5], ['5']]
  await expectRefusals('tasks.bulk', { maxAffected }, '', (field) => ({
    filter: { complete: false },
    action,
    ...field,
  }))
})

test('an input that is not an object is refused as a whole', async () => {
  for (const name of [
    'create',
    'createMany',
    'get',
    'list',
    'count',
    'update',
    'complete',
    'move',
    'delete',
    'restore',
    'purge',
    'bulk',
  ])
    for (const input of [null, [], [{ id }], 'x', 5, true]) {
      const { status, error } = await caller.call(`tasks.${name}`, input)
      expect(status, `tasks.${name} ${JSON.stringify(input)}`).toBe(400)
      expect(error?.data.fields?.map((field) => field.path)).toEqual([''])
    }
})
