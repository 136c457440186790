import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { newCaller } from '../../testing/caller.ts'
import { orderOf } from '../../testing/order.ts'
import { checkProperty } from '../../testing/property.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

/** Picks a task, list or position, by number modulo their count. */
const pick = fc.nat(1000)
const position = fc.oneof(fc.constant<'first' | 'last'>('first'), fc.constant<'first' | 'last'>('last'), pick)
const step = fc.oneof(
  fc.record({ do: fc.constant('create' as const), list: pick, position }),
  fc.record({
    do: fc.constant('createMany' as const),
    drafts: fc.array(fc.tuple(pick, position), { minLength: 1, maxLength: 6 }),
  }),
  fc.record({ do: fc.constant('move' as const), task: pick, list: fc.option(pick), position }),
  fc.record({ do: fc.constant('moveAll' as const), tasks: fc.array(pick, { minLength: 1, maxLength: 4 }), list: pick }),
  fc.record({ do: fc.constant('delete' as const), task: pick }),
  fc.record({ do: fc.constant('restore' as const), tasks: fc.array(pick, { minLength: 1, maxLength: 4 }) }),
)

/** Lists as arrays of ids, and the tasks in the trash with the list of each. */
class Model {
  readonly lists: (readonly [string | null, string[]])[]
  readonly trash = new Map<string, number>()

  constructor(ids: readonly (string | null)[]) {
    this.lists = ids.map((id) => [id, []])
  }
  order(list: number): string[] {
    const [, order] = this.lists[list % this.lists.length] ?? [null, []]
    return order
  }
  id(list: number): string | null {
    return this.lists[list % this.lists.length]?.[0] ?? null
  }
  listOf(task: string): number {
    return this.lists.findIndex(([, order]) => order.includes(task))
  }
  get live(): string[] {
    return this.lists.flatMap(([, order]) => order)
  }
  /** Places a task in a list, and returns the `after` of the input. */
  put(task: string, list: number, where: number | 'first' | 'last'): { after?: string | null } {
    const old = this.lists.find(([, order]) => order.includes(task))?.[1]
    old?.splice(old.indexOf(task), 1)
    const order = this.order(list)
    if (where === 'last' || (typeof where === 'number' && order.length === 0)) {
      order.push(task)
      return {}
    }
    if (where === 'first') {
      order.unshift(task)
      return { after: null }
    }
    const at = where % order.length
    const after = order[at]
    order.splice(at + 1, 0, task)
    return after === undefined ? {} : { after }
  }
}

function some<T>(all: readonly T[], picks: readonly number[]): T[] {
  return [...new Set(picks.flatMap((nr) => all.slice(nr % all.length, (nr % all.length) + 1)))]
}

test('after any creations, moves, deletions and restores, positions have the order of plain arrays', async () => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
    const caller = await newCaller(service)
    const { tasks, lists } = caller.client
    const home = await lists.create.mutate({ name: 'Home' })
    const model = new Model([null, home.id])
    for (const act of steps) {
      if (act.do === 'create') {
        const id = randomUUID()
        await tasks.create.mutate({
          id,
          title: 'x',
          listId: model.id(act.list),
          ...model.put(id, act.list, act.position),
        })
      } else if (act.do === 'createMany') {
        const drafts = act.drafts.map(([list, where]) => {
          const id = randomUUID()
          return { id, title: 'x', listId: model.id(list), ...model.put(id, list, where) }
        })
        await tasks.createMany.mutate({ tasks: drafts })
      } else if (act.do === 'move') {
        const [id] = some(model.live, [act.task])
        if (id === undefined) continue
        const listId = act.list === null ? {} : { listId: model.id(act.list) }
        await tasks.move.mutate({ id, ...listId, ...model.put(id, act.list ?? model.listOf(id), act.position) })
      } else if (act.do === 'moveAll') {
        const ids = some(model.live, act.tasks)
        if (ids.length === 0) continue
        // Tasks that are in the list already stay where they are.
        for (const id of ids) if (!model.order(act.list).includes(id)) model.put(id, act.list, 'last')
        await tasks.bulk.mutate({ ids, action: { type: 'move', listId: model.id(act.list) } })
      } else if (act.do === 'delete') {
        const [id] = some(model.live, [act.task])
        if (id === undefined) continue
        const list = model.listOf(id)
        model.trash.set(id, list)
        model.order(list).splice(model.order(list).indexOf(id), 1)
        await tasks.delete.mutate({ id })
      } else {
        const ids = some([...model.trash.keys()], act.tasks)
        if (ids.length === 0) continue
        for (const id of ids) model.put(id, model.trash.get(id) ?? 0, 'last')
        for (const id of ids) model.trash.delete(id)
        const [id] = ids
        if (ids.length === 1 && id !== undefined) await tasks.restore.mutate({ id })
        else await tasks.bulk.mutate({ ids, action: { type: 'restore' } })
      }
    }
    for (const [id, order] of model.lists) expect(await orderOf(caller, id)).toEqual(order)
  })
  await checkProperty(property, 15)
})
