import { randomUUID } from 'node:crypto'
import { apiKey, change, list, LIST_FIELDS, task, TASK_FIELDS, textKey } from '@taskwire/contract'
import { afterAll, describe, expect, test } from 'vitest'
import { arrayText } from './statement.ts'
import { actInNewSpace, connectLogins } from './testing/logins.ts'
import { addList, addTask } from './testing/placing.ts'

const logins = await connectLogins()
const { admin, app } = logins
afterAll(() => logins[Symbol.asyncDispose]())

const SESSIONS = [
  `set timezone = 'UTC'; set datestyle = 'ISO, MDY'`,
  `set timezone = 'Asia/Kathmandu'; set datestyle = 'German, DMY'; set intervalstyle = 'iso_8601'`,
  `set timezone = 'America/St_Johns'; set datestyle = 'SQL, DMY'; set bytea_output = 'escape'`,
  `set timezone = 'Pacific/Apia'; set datestyle = 'Postgres, YMD'; set extra_float_digits = 0`,
]

describe('the shapes of the contract', () => {
  test.each([
    ['tw.task_json', 'tw.tasks', TASK_FIELDS],
    ['tw.list_json', 'tw.lists', LIST_FIELDS],
  ])('%s has each field of the contract', async (name, table, fields) => {
    const [row] = await admin.unsafe<{ json: object }[]>(`select ${name}(null::${table}) as json`)
    expect(Object.keys(row?.json ?? {})).toEqual(expect.arrayContaining(Object.keys(fields)))
  })

  test.each(SESSIONS)('are the same, and parse, in a session with %s', async (settings) => {
    const space = await actInNewSpace(logins)
    const home = await addList(logins, space, '80000000')
    const [early, late, key, maker] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
    await admin`insert into tw.tasks (space_id, id, user_id, list_id, title, description, complete, completed_at, priority, tags, tag_keys, due_date, due_time,
        due_zone, due_at, position, revision, created_at, updated_at, deleted_at)
      values (${space}, ${early}, null, null, 'é "\\', null, false, null, 0, '{}', '{}', '0001-01-01', null, null, null, '80000000', 1,
        '2026-01-02T03:04:05Z', '2026-01-02T03:04:05.006Z', null),
       (${space}, ${late}, ${maker}, ${home}, '牛乳 😀', ${'a\nb\t\u0001'}, true, '9999-12-31T23:59:59.999Z', 4, ${arrayText(['A', 'ı "\\'])}::text[], ${arrayText(['a', textKey('ı "\\')])}::text[],
        '9999-12-29', '23:59', 'Pacific/Niue', '9999-12-30T10:59:00Z', '800000001', 9007199254740991, '1970-01-01Z', '2026-12-31T23:59:59.999Z', '2027-01-01T00:00:00.100Z')`
    await admin`insert into tw.changes (space_id, revision, commit, at, mutation_id, request_id, actor_kind, actor_user_id, actor_key_id, action, entity, entity_id, before, after)
      values (${space}, 1, 2, '2026-01-02T03:04:05.600Z', ${early}, 'r', 'key', ${maker}, ${late}, 'update', 'task', ${early}, '{"title": "x"}', '{"title": "y"}')`
    await admin`insert into tw.api_keys (user_id, id, name, scopes, secret_hash, created_at) values (${space}, ${key}, 'Key', '{account,tasks:read}', sha256('x'), '2026-01-02T03:04:05.007Z')`
    await app`select set_config('app.account', ${space}, false)`
    await app.unsafe(settings)
    const tasks = (await app<{ json: unknown }[]>`select tw.task_json(t) json from tw.tasks t order by t.position`).map(
      (row) => row.json,
    )
    const lists = (await app<{ json: { createdAt: string } }[]>`select tw.list_json(l) json from tw.lists l`).map(
      (row) => row.json,
    )
    const changes = (await app<{ json: unknown }[]>`select tw.change_json(c) json from tw.changes c`).map(
      (row) => row.json,
    )
    const keys = (await app<{ json: unknown }[]>`select tw.key_json(k) json from tw.api_keys k`).map((row) => row.json)
    await app.unsafe(`reset all; set app.space = '${space}'`)

    expect(tasks).toEqual([
      {
        id: early,
        spaceId: space,
        userId: null,
        listId: null,
        title: 'é "\\',
        description: null,
        complete: false,
        completedAt: null,
        priority: 'none',
        tags: [],
        due: { date: '0001-01-01' },
        dueAt: null,
        position: '80000000',
        revision: 1,
        createdAt: '2026-01-02T03:04:05.000Z',
        updatedAt: '2026-01-02T03:04:05.006Z',
        deletedAt: null,
      },
      {
        id: late,
        spaceId: space,
        userId: maker,
        listId: home,
        title: '牛乳 😀',
        description: 'a\nb\t\u0001',
        complete: true,
        completedAt: '9999-12-31T23:59:59.999Z',
        priority: 'urgent',
        tags: ['A', 'ı "\\'],
        due: { date: '9999-12-29', time: '23:59', timeZone: 'Pacific/Niue' },
        dueAt: '9999-12-30T10:59:00.000Z',
        position: '800000001',
        revision: Number.MAX_SAFE_INTEGER,
        createdAt: '1970-01-01T00:00:00.000Z',
        updatedAt: '2026-12-31T23:59:59.999Z',
        deletedAt: '2027-01-01T00:00:00.100Z',
      },
    ])
    for (const json of tasks) expect(task.parse(json)).toEqual(json)
    expect(lists).toEqual([
      {
        id: home,
        name: home,
        position: '80000000',
        revision: 1,
        createdAt: lists[0]?.createdAt,
        updatedAt: lists[0]?.createdAt,
      },
    ])
    for (const json of lists) expect(list.parse(json)).toEqual(json)
    expect(changes).toEqual([
      {
        revision: 1,
        commit: 2,
        at: '2026-01-02T03:04:05.600Z',
        mutationId: early,
        requestId: 'r',
        actor: { kind: 'key', userId: maker, keyId: late },
        action: 'update',
        entity: 'task',
        entityId: early,
        before: { title: 'x' },
        after: { title: 'y' },
        redacted: false,
      },
    ])
    for (const json of changes) expect(change.parse(json)).toEqual(json)
    expect(keys).toEqual([
      {
        id: key,
        name: 'Key',
        scopes: ['account', 'tasks:read'],
        spaceId: null,
        createdAt: '2026-01-02T03:04:05.007Z',
        expiresAt: null,
      },
    ])
    for (const json of keys) expect(apiKey.parse(json)).toEqual(json)
  })

  test('a task and a list have the fields of the contract and no others', async () => {
    const space = await actInNewSpace(logins)
    await addTask(logins, space, '80000000')
    await addList(logins, space, '80000000')
    const [row] = await app<
      { task: object; list: object }[]
    >`select tw.task_json(t) as task, tw.list_json(l) as list from tw.tasks t, tw.lists l`
    // Parsing drops fields that the contract does not have, and fails if one is missing.
    expect(Object.keys(task.parse(row?.task)).toSorted()).toEqual(Object.keys(row?.task ?? {}).toSorted())
    expect(Object.keys(list.parse(row?.list)).toSorted()).toEqual(Object.keys(row?.list ?? {}).toSorted())
  })
})
