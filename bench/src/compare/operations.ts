import type { Client } from '../../../packages/client/src/index.ts'

export const OPERATIONS = ['create', 'update', 'complete', 'move', 'bulk', 'get', 'list'] as const
export type Operation = (typeof OPERATIONS)[number]

/** A list of one caller's, made for one operation. */
export interface Prepared {
  client: Client
  listId: string
  /** Of its tasks, in the order of their making. */
  ids: string[]
}

interface Described {
  explained: string
  /** Tasks in the list. */
  tasks: number
  /** The nth call. */
  call(prepared: Prepared, n: number): Promise<unknown>
}

const TASKS = 100
const BULK = 500

/** The nth task of the list, round and round. */
const nth = ({ ids }: Prepared, n: number): string => ids[n % ids.length] ?? ''

export const DESCRIBED: Record<Operation, Described> = {
  create: {
    explained: 'one task with a tag and a due date',
    tasks: TASKS,
    call: ({ client, listId }, n) =>
      client.tasks.create.mutate({ title: `Another task ${n}`, listId, tags: ['home'], due: { date: '2027-01-02' } }),
  },
  update: {
    explained: 'title and priority of one task',
    tasks: TASKS,
    call: (prepared, n) =>
      prepared.client.tasks.update.mutate({
        id: nth(prepared, n),
        changes: { title: `Title ${n}`, priority: n % 2 === 0 ? 'low' : 'high' },
      }),
  },
  complete: {
    explained: 'one task, completed or opened again',
    tasks: TASKS,
    call: (prepared, n) =>
      prepared.client.tasks.complete.mutate({
        id: nth(prepared, n),
        complete: Math.floor(n / prepared.ids.length) % 2 === 0,
      }),
  },
  move: {
    explained: `one task after another in a list of ${TASKS}`,
    tasks: TASKS,
    call(prepared, n) {
      const id = nth(prepared, n)
      const after = nth(prepared, 7 * n + 3)
      return prepared.client.tasks.move.mutate({ id, after: after === id ? null : after })
    },
  },
  bulk: {
    explained: `a field of ${BULK} tasks by their ids`,
    tasks: BULK,
    call: ({ client, ids }, n) =>
      client.tasks.bulk.mutate({
        ids,
        action: { type: 'update', changes: { priority: n % 2 === 0 ? 'low' : 'high' } },
      }),
  },
  get: {
    explained: 'one task by its id',
    tasks: TASKS,
    call: (prepared, n) => prepared.client.tasks.get.query({ id: nth(prepared, n) }),
  },
  list: {
    explained: `the first page of 50 of a list of ${TASKS}`,
    tasks: TASKS,
    call: ({ client, listId }) => client.tasks.list.query({ filter: { listId } }),
  },
}

/** Makes a list for an operation, with its tasks. */
export async function prepare(client: Client, operation: Operation): Promise<Prepared> {
  const { id: listId } = await client.lists.create.mutate({ name: `For ${operation}` })
  const { tasks } = await client.tasks.createMany.mutate({
    tasks: Array.from({ length: DESCRIBED[operation].tasks }, (_, n) => ({
      title: `Task number ${n}`,
      listId,
      tags: ['home', 'work'],
      due: { date: '2027-01-02', time: '09:00', timeZone: 'Europe/Berlin' },
    })),
  })
  return { client, listId, ids: tasks.map(({ id }) => id) }
}
