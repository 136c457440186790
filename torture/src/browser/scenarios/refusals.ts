import { expect } from 'vitest'
import { expectServiceRows } from '../expect-rows.ts'
import { test } from '../fixtures.ts'
import { errorReply } from '../replies.ts'

const LONG = 'x'.repeat(201)

/** The service refuses an edit. */
export function refusals(): void {
  test('a refused edit stays visible with its reason; only the edits that depend on it wait for it to be mended', async ({
    ada,
    device,
    network,
  }) => {
    const id = await ada.add('task')
    const tab = await device.openLive()
    network.cut()
    const before = await ada.head()
    await tab.run(async (store, task) => {
      await store.tasks.create({ title: 'before' })
      const work = await store.lists.create({ name: 'Work' })
      const inWork = await store.tasks.create({ title: 'in the list', listId: work.id })
      await store.tasks.complete(inWork.id)
      await store.tasks.move(task, { listId: work.id })
      await store.tasks.create({ title: 'behind' })
    }, id.task)
    // On another device the name is taken.
    await ada.other.lists.create.mutate({ name: 'work' })
    await tab.reconnect(network)
    await tab.until(({ sync }) => sync.get().refused.length === 1 && sync.get().pending.length === 3)
    await tab.reload()
    const { refused, pending } = await tab.sync()
    expect(refused).toMatchObject([
      {
        procedure: 'lists.create',
        refusal: { appCode: 'ALREADY_EXISTS', message: expect.stringContaining('name') as string },
      },
    ])
    expect(pending.map(({ procedure }) => procedure)).toEqual(['tasks.create', 'tasks.update', 'tasks.move'])
    const shown = await tab.rows()
    expect(shown.lists.map(({ name }) => name).toSorted()).toEqual(['Work', 'work'])
    expect(shown.tasks).toHaveLength(4)
    expect(await ada.done(before)).toEqual(expect.arrayContaining(['create list', 'create task', 'create task']))
    expect(await ada.done(before)).toHaveLength(3)

    // Sent again as it is, it is refused again.
    await tab.retryAll()
    await tab.until(({ sync }) => sync.get().refused.length === 1)
    await tab.run(async ({ mend, sync }) => {
      for (const edit of sync.get().refused) await mend(edit, { name: 'Office' })
    })
    await tab.untilSent()
    expect(await tab.sync()).toMatchObject({ refused: [], conflicts: [] })
    const { lists, tasks } = await ada.rows()
    expect(lists.map(({ name }) => name).toSorted()).toEqual(['Office', 'work'])
    const office = lists.find(({ name }) => name === 'Office')?.id
    const inOffice = tasks.filter(({ listId }) => listId === office)
    expect(inOffice.map(({ title }) => title).toSorted()).toEqual(['in the list', 'task'])
    await expectServiceRows(tab, ada)
  })

  test('once what stood in its way is gone, a refused edit is sent again', async ({ ada, device, network }) => {
    const tab = await device.openLive()
    network.cut()
    await tab.run(async (store) => void (await store.lists.create({ name: 'Work' })))
    const theirs = await ada.other.lists.create.mutate({ name: 'work' })
    await tab.reconnect(network)
    await tab.until(({ sync }) => sync.get().refused.length === 1)
    await ada.other.lists.delete.mutate({ id: theirs.id, tasks: 'inbox' })
    await tab.retryAll()
    await tab.untilSent()
    expect((await ada.rows()).lists.map(({ name }) => name)).toEqual(['Work'])
    await expectServiceRows(tab, ada)
  })

  test('a dismissed edit is undone: of an update the field, of a creation all edits of its row', async ({
    ada,
    device,
  }) => {
    const id = await ada.add('task')
    const tab = await device.openLive()
    await tab.run(
      async (store, task, long) => {
        await store.tasks.update(task, { title: long })
        await store.tasks.update(task, { priority: 'low' })
        await store.tasks.update(task, { title: 'a short title' })
        const created = await store.tasks.create({ title: `${long}!` })
        await store.tasks.complete(created.id)
      },
      id.task,
      LONG,
    )
    await tab.until(({ sync }) => sync.get().refused.length === 2)
    await tab.until((store, task) => store.tasks.get(task).get()?.priority === 'low', id.task)
    const { refused } = await tab.sync()
    expect(refused.map(({ refusal }) => refusal)).toMatchObject([
      { appCode: 'VALIDATION', fields: [{ path: 'changes.title' }] },
      { appCode: 'VALIDATION', fields: [{ path: 'title' }] },
    ])
    await tab.run(async ({ dismiss, sync }) => {
      for (const edit of sync.get().refused) await dismiss(edit)
    })
    await tab.untilSent()
    expect(await tab.sync()).toMatchObject({ refused: [], conflicts: [] })
    expect((await ada.rows()).tasks).toMatchObject([{ title: 'a short title', priority: 'low', complete: false }])
    await expectServiceRows(tab, ada)
  })

  test('an edit on which the service fails holds up only those that depend on it', async ({ ada, device, network }) => {
    const tab = await device.openLive()
    const failing = network.answer(errorReply('INTERNAL', 'It failed.'), ({ input }) => input['title'] === 'fails')
    await tab.run(async (store) => {
      const { id } = await store.tasks.create({ title: 'fails' })
      await store.tasks.complete(id)
      await store.tasks.create({ title: 'behind' })
    })
    await tab.until(({ sync }) => sync.get().pending.length === 2 && sync.get().failing?.code === 'INTERNAL')
    expect((await ada.rows()).tasks).toMatchObject([{ title: 'behind' }])
    failing.stop()
    await tab.run((store) => store.resume())
    await tab.untilSent()
    expect(await ada.done()).toEqual(['create task', 'create task', 'complete task'])
    await expectServiceRows(tab, ada)
  })

  test.for(['here', 'elsewhere'] as const)(
    'an edit of a task that another device has moved to the trash is refused, until the task is restored %s',
    async (where, { ada, device, network }) => {
      const id = await ada.add('task')
      const tab = await device.openLive()
      network.cut()
      await tab.run((store, task) => store.tasks.update(task, { title: 'changed' }), id.task)
      await ada.other.tasks.delete.mutate({ id: id.task })
      await tab.reconnect(network)
      await tab.until(({ sync }) => sync.get().refused.length === 1)
      expect((await tab.sync()).refused).toMatchObject([{ refusal: { appCode: 'IN_TRASH' } }])
      await tab.until((store, task) => store.tasks.get(task).get()?.deletedAt !== null, id.task)
      if (where === 'here') await tab.run((store, task) => store.tasks.restore(task), id.task)
      else await ada.other.tasks.restore.mutate({ id: id.task })
      await tab.until(({ sync }) => sync.get().pending.length === 0)
      await tab.retryAll()
      await tab.untilSent()
      expect((await ada.rows()).tasks).toMatchObject([{ title: 'changed', deletedAt: null }])
      await expectServiceRows(tab, ada)
    },
  )
}
