// What users do in the page. These functions run in the browser, and see their arguments only.
import type { Edit, Store } from '@taskwire/client/store'

/**
 * Makes an edit that contains `text`, or now and then one without it. Both numbers are from 0, below 1: `which` chooses
 * the edit, and `row` the task. Returns `saved` for an edit with the text.
 */
export async function edit(store: Store, text: string, which: number, row: number): Promise<'saved' | undefined> {
  const tasks = store.tasks.query({}, { by: 'createdAt', direction: 'desc' }).get()
  const trash = store.tasks.query({ trash: 'only' }).get()
  const lists = store.lists.query().get()
  // The newest ones more often, so that devices meet.
  const task = tasks[Math.floor(row * row * Math.min(tasks.length, 30))]
  const list = lists[Math.floor(row * lists.length)]
  const changes = which < 0.5 ? { title: text } : { description: text }
  try {
    if (which < 0.25 || task === undefined) {
      await store.tasks.create({ title: text, listId: list?.id ?? null })
      return 'saved'
    }
    if (which < 0.75) {
      await store.tasks.update(task.id, changes)
      return 'saved'
    }
    if (which < 0.82) await store.tasks.complete(task.id, !task.complete)
    else if (which < 0.88) await store.tasks.move(task.id, { listId: list?.id ?? null })
    else if (which < 0.93) await store.tasks.delete(task.id)
    else if (which < 0.97 && trash[0] !== undefined) await store.tasks.restore(trash[0].id)
    else if (lists.length < 5) await store.lists.create({ name: `List ${text}` })
    else if (list !== undefined) await store.lists.delete(list.id, row < 0.5 ? 'inbox' : 'trash')
  } catch (error) {
    // What the store does not take is not saved.
    if ((error as Error).name !== 'StoreError') throw error
  }
  return undefined
}

/** Decides about all conflicts and refused edits. Returns the inputs of those that were given up. */
export async function decide(store: Store, keep: 'mine' | 'theirs'): Promise<Edit['input'][]> {
  const { pending, refused, conflicts } = store.sync.get()
  const givenUp: Edit['input'][] = []
  for (const one of [...refused, ...conflicts]) {
    const isMine = one.state === 'conflict' && keep === 'mine'
    const later = [...pending, ...refused, ...conflicts].filter(
      ({ order, input }) => order > one.order && input.id === one.input.id,
    )
    try {
      if (one.state === 'conflict') await store.resolve(one, keep)
      else await store.dismiss(one)
      // With a create go all edits of its row.
      if (!isMine) givenUp.push(...[one, ...(one.procedure.endsWith('.create') ? later : [])].map(({ input }) => input))
    } catch (error) {
      // Another tab has decided.
      if ((error as Error).name !== 'StoreError') throw error
    }
  }
  return givenUp
}
