import { expect, test } from 'vitest'
import { editOf } from '../testing/edit-of.ts'
import { taskOf } from '../testing/task-of.ts'
import type { Edit, Wish } from './edit.ts'
import { emptyRows, ENTITIES, putRow, type RowEntry, type Rows } from './rows.ts'
import { inOrder, type State, stateOf, update } from './view-state.ts'

const OWNER = { account: 'an account', space: 'a space' }
const META = { instance: '', seq: 0, horizon: 0, after: 0, contract: '', timeZone: null, lastSynced: null }

/** Returns drawn numbers below `most`, the same in each run. */
function drawing(seed: number): (most: number) => number {
  let state = seed
  return (most) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor((state / 2 ** 31) * most)
  }
}

/** What is shown, by entity and id. */
function shown({ layer }: State): Record<string, unknown> {
  const rows = [...layer.tasks(), ...layer.lists()].sort((a, b) => (a.id < b.id ? -1 : 1))
  return Object.fromEntries(rows.map((row) => [row.id, row]))
}

/** What would be shown if all were read anew. */
const anew = ({ meta, mirror, edits }: State): Record<string, unknown> =>
  shown(stateOf({ meta, rows: mirror, edits: [...inOrder(edits)] }, OWNER))

function mirrorOf(entries: readonly RowEntry<never>[]): Rows {
  const rows = emptyRows()
  for (const entry of entries) putRow(rows, entry)
  return rows
}

test.each([1, 2, 3, 4])('step by step, a state shows what it would if it were read anew (seed %s)', (seed) => {
  const draw = drawing(seed)
  let revision = 0
  const rowOf = (id: string): RowEntry<never> =>
    id.startsWith('task')
      ? {
          entity: 'task',
          id,
          row: taskOf({
            id,
            title: `${revision}`,
            listId: draw(2) === 0 ? `list ${draw(3)}` : null,
            position: `8000000${draw(9)}`,
            revision: ++revision,
          }),
        }
      : {
          entity: 'list',
          id,
          row: { id, name: `${revision}`, position: `8${draw(9)}`, revision: ++revision, createdAt: '', updatedAt: '' },
        }
  const task = (): string => `task ${draw(8)}`
  const list = (): string => `list ${draw(3)}`
  const place = (id: string): string | null | undefined => [undefined, null, id][draw(3)]
  function wish(step: number): Wish {
    const title = `step ${step}`
    switch (draw(10)) {
      case 0:
        return { procedure: 'tasks.create', input: { id: `task new ${draw(6)}`, title, after: place(task()) } }
      case 1:
      case 2:
        return { procedure: 'tasks.move', input: { id: task(), listId: list(), after: place(task()) } }
      case 3:
        return { procedure: 'tasks.delete', input: { id: task() } }
      case 4:
        return { procedure: 'tasks.restore', input: { id: task() } }
      case 5:
        return { procedure: 'tasks.purge', input: { id: task() } }
      case 6:
        return { procedure: 'lists.update', input: { id: list(), changes: { name: title, after: place(list()) } } }
      case 7:
        return draw(4) === 0
          ? { procedure: 'lists.delete', input: { id: list(), tasks: draw(2) === 0 ? 'inbox' : 'trash' } }
          : { procedure: 'lists.create', input: { id: `list new ${draw(2)}`, name: title, after: place(list()) } }
      default:
        return { procedure: 'tasks.update', input: { id: task(), changes: { title } } }
    }
  }
  const ids = [...Array.from({ length: 8 }, (_, nr) => `task ${nr}`), 'list 0', 'list 1', 'list 2']
  const state = stateOf({ meta: META, rows: mirrorOf(ids.map(rowOf)), edits: [] }, OWNER)
  let order = 0
  for (let step = 0; step < 400; step++) {
    const before = shown(state)
    const open = inOrder(state.edits)
    const some = open[draw(open.length)]
    const news: { recent: RowEntry[]; edits: Edit[] } = { recent: [], edits: [] }
    // The queue grows and shrinks.
    if (some === undefined || draw(100) < (step % 100 < 50 ? 60 : 30))
      news.edits.push(editOf(wish(step), { order: ++order }))
    else if (draw(4) > 0) news.edits.push({ ...some, state: 'done' })
    else if (some.procedure === 'tasks.move')
      news.edits.push({ ...some, input: { ...some.input, after: place(task()) ?? null } })
    if (draw(3) === 0) {
      const id = ids[draw(ids.length)] ?? ''
      news.recent.push(draw(5) === 0 ? { ...rowOf(id), row: null } : rowOf(id))
    }
    const changed = update(state, { meta: META, ...news })
    expect(shown(state)).toEqual(anew(state))
    // Rows that have not changed are the same objects, and those that have are named.
    const now = shown(state)
    for (const id of new Set([...Object.keys(before), ...Object.keys(now)]))
      if (!ENTITIES.some((entity) => changed[entity].has(id))) expect(now[id]).toBe(before[id])
  }
})
