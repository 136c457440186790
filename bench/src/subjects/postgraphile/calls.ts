import type { Call } from '../../load/http.ts'
import type { User } from '../../load/call-specs.ts'
import type { Calls, Shown } from '../calls.ts'

// In the preset, the column `id` is called `rowId`, because `id` is the global id of a node.
const FIELDS =
  'id: rowId spaceId userId listId title description complete completedAt priority tags dueDate dueTime dueZone dueAt position revision createdAt updatedAt deletedAt'
const PAGE = 'orderBy: [CREATED_AT_DESC, ROW_ID_DESC], first: 50, condition: { deletedAt: null }'

function query(user: User | undefined, text: string, variables: Record<string, unknown>): Call {
  const headers = user === undefined ? '' : `authorization: Bearer ${user.token}\r\n`
  return { method: 'POST', path: '/graphql', headers, body: JSON.stringify({ query: text, variables }) }
}

const GET = `query Get($spaceId: UUID!, $id: UUID!) { task: taskBySpaceIdAndRowId(spaceId: $spaceId, rowId: $id) { ${FIELDS} } }`
const LIST = `query List { tasks: allTasks(${PAGE}) { nodes { ${FIELDS} } pageInfo { hasNextPage endCursor } } }`
const NEXT = `query Page($after: Cursor) { tasks: allTasks(${PAGE}, after: $after) { nodes { ${FIELDS} } pageInfo { hasNextPage endCursor } } }`
const WALK = `query Walk($after: Cursor, $first: Int!) { tasks: allTasks(${PAGE.replace('first: 50', 'first: $first')}, after: $after) { edges { cursor } } }`
/** Steps of a walk per response: many, because each request scans all earlier rows. */
const STEPS = 50
const SEARCH = `query Search($words: String!) { tasks: benchGraphqlSearchTasks(words: $words, first: 50) { nodes { ${FIELDS} } pageInfo { hasNextPage endCursor } } }`
const CREATE = `mutation Create($task: TaskInput!) { made: createTask(input: { task: $task }) { task { ${FIELDS} } } }`
const UPDATE = `mutation Update($spaceId: UUID!, $id: UUID!, $patch: TaskPatch!) { made: updateTaskBySpaceIdAndRowId(input: { spaceId: $spaceId, rowId: $id, taskPatch: $patch }) { task { ${FIELDS} } } }`
const BATCH = `query Batch($spaceId: UUID!, ${Array.from({ length: 10 }, (_, n) => `$id${n}: UUID!`).join(', ')}) { ${Array.from({ length: 10 }, (_, n) => `t${n}: taskBySpaceIdAndRowId(spaceId: $spaceId, rowId: $id${n}) { ...T }`).join(' ')} } fragment T on Task { ${FIELDS} }`
const RANKS = ['none', 'low', 'medium', 'high', 'urgent']

interface Data {
  task?: Shown
  tasks?: { nodes: Shown[]; edges: { cursor: string }[] }
  made?: { task: Shown }
}
const dataOf = (body: unknown): Data => (body as { data: Data }).data

/** GraphQL over POST. The caller supplies ids, position, revision and times, which the subject does not generate. */
export const postgraphileCalls: Calls = {
  errorsInBody: true,
  call(spec, cursor) {
    if (spec.work === 'handling') return query(undefined, '{ __typename }', {})
    const { user } = spec
    switch (spec.work) {
      case 'get':
        return query(user, GET, { spaceId: user.id, id: spec.id })
      case 'list':
        return query(user, LIST, {})
      case 'page':
        return query(user, NEXT, { after: cursor })
      case 'search':
        return query(user, SEARCH, { words: spec.words.join(' ') })
      case 'create': {
        const { title, description, priority, due, tags } = spec.draft
        const now = new Date().toISOString()
        const task = {
          spaceId: user.id,
          userId: user.id,
          rowId: spec.id,
          title,
          description,
          priority: RANKS.indexOf(priority),
          tags,
          tagKeys: tags,
          dueDate: due.date,
          // A unique position before all others.
          position: `7fffffff${spec.id.replaceAll('-', '')}1`,
          revision: 1,
          createdAt: now,
          updatedAt: now,
        }
        return query(user, CREATE, { task })
      }
      case 'update': {
        const { title, priority } = spec.changes
        const patch = { title, priority: RANKS.indexOf(priority), updatedAt: new Date().toISOString() }
        return query(user, UPDATE, { spaceId: user.id, id: spec.id, patch })
      }
      case 'varied':
        return undefined
      case 'batch':
        return query(user, BATCH, { spaceId: user.id, ...Object.fromEntries(spec.ids.map((id, n) => [`id${n}`, id])) })
    }
  },
  tasks({ work }, body) {
    const data = dataOf(body)
    switch (work) {
      case 'handling':
        return []
      case 'get':
        return data.task === undefined ? [] : [data.task]
      case 'create':
      case 'update':
        return data.made === undefined ? [] : [data.made.task]
      case 'batch':
        return Object.values(data) as Shown[]
      default:
        return data.tasks?.nodes ?? []
    }
  },
  walk: {
    call: ({ user }, step, after) => query(user, WALK, { first: STEPS * step, after }),
    cursors: (body, step) =>
      (dataOf(body).tasks?.edges ?? []).flatMap(({ cursor }, n) => ((n + 1) % step === 0 ? cursor : [])),
  },
}
