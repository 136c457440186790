import type { Client } from '../../../packages/client/src/index.ts'

export const OPERATIONS = ['create', 'update', 'complete', 'move', 'bulk', 'get', 'list'] as const
export type Operation = (typeof OPERATIONS)[number]

/** A list that one caller uses for one operation. */
export interface Prepared {
  client: Client
  listId: string
  /** Ids of its tasks, in order of creation. */
  ids: string[]
}

interface Definition {
  description: string
  /** Tasks in the list. */
  tasks: number
  /** Makes the nth call. */
  call(prepared: Prepared, n: number): Promise<unknown>
}

const TASKS = 100
const BULK = 500

/** The id of the nth task of the list, cyclically. */
const nth = ({ ids }: Prepared, n: number): string => ids[n % ids.length] ?? ''

export const DEFINITIONS: Record<Operation, Definition> = {
  create: {
    description: 'one task with a tag and a due date',
    tasks: TASKS,
    call: ({ client, listId }, n) =>
      client.tasks.create.mutate({ title: `Another task ${n}`, listId, tags: ['home'], due: { date: '2027-01-02' } }),
  },
  update: {
    description: 'title and priority of one task',
    tasks: TASKS,
    call: (prepared, n) =>
      prepared.client.tasks.update.mutate({
        id: nth(prepared, n),
        changes: { title: `Title ${n}`, priority: n % 2 === 0 ? 'low' : 'high' },
      }),
  },
  complete: {
    description: 'one task, completed or reopened',
    tasks: TASKS,
    call: (prepared, n) =>
      prepared.client.tasks.complete.mutate({
        id: nth(prepared, n),
        complete: Math.floor(n / prepared.ids.length) % 2 === 0,
      }),
  },
  move: {
    description: `one task to the place after another, in a list of ${TASKS}`,
    tasks: TASKS,
    call(prepared, n) {
      const id = nth(prepared, n)
      const after = nth(prepared, 7 * n + 3)
      return prepared.client.tasks.move.mutate({ id, after: after === id ? null : after })
    },
  },
  bulk: {
    description: `one field of ${BULK} tasks, by their ids`,
    tasks: BULK,
    call: ({ client, ids }, n) =>
      client.tasks.bulk.mutate({
        ids,
        action: { type: 'update', changes: { priority: n % 2 === 0 ? 'low' : 'high' } },
      }),
  },
  get: {
    description: 'one task by its id',
    tasks: TASKS,
    call: (prepared, n) => prepared.client.tasks.get.query({ id: nth(prepared, n) }),
  },
  list: {
    description: `the first page of 50 of a list of ${TASKS}`,
    tasks: TASKS,
    call: ({ client, listId }) => client.tasks.list.query({ filter: { listId } }),
  },
}

/** Creates a list with tasks for an operation. */
export async function prepare(client: Client, operation: Operation): Promise<Prepared> {
  const { id: listId } = await client.lists.create.mutate({ name: `For ${operation}` })
  const { tasks } = await client.tasks.createMany.mutate({
    tasks: Array.from({ length: DEFINITIONS[operation].tasks }, (_, n) => ({
      title: `Task number ${n}`,
      listId,
      tags: ['home', 'work'],
      due: { date: '2027-01-02', time: '09:00', timeZone: 'Europe/Berlin' },
    })),
  })
  return { client, listId, ids: tasks.map(({ id }) => id) }
}
