import { expect } from 'vitest'
import { createRandom } from '../../random.ts'
import { expectServiceRows } from '../expect-rows.ts'
import { test } from '../fixtures.ts'
import { edit } from '../page-actions.ts'

/** Two devices edit one task. */
export function conflicts(): void {
  test('edits of different fields are merged, and none undoes the other', async ({ ada, device, network }) => {
    const id = await ada.add('task')
    const tab = await device.openLive()
    network.cut()
    // The second is made on a title that the service trims.
    await tab.run(async (store, task) => {
      await store.tasks.update(task, { title: ' a first title ' })
      await store.tasks.update(task, { title: 'title from here', tags: ['here'] })
    }, id.task)
    await ada.other.tasks.update.mutate({ id: id.task, changes: { priority: 'high' } })
    await ada.other.tasks.update.mutate({ id: id.task, changes: { description: 'from there' } })
    await tab.reconnect(network)
    await tab.untilSent()
    expect((await tab.sync()).conflicts).toEqual([])
    // Each edit sends its own fields only. A refused attempt is sent again, on the row as it is.
    expect([...new Set(network.sent.map(({ input }) => JSON.stringify(input['changes'])))]).toEqual([
      '{"title":" a first title "}',
      '{"title":"title from here","tags":["here"]}',
    ])
    expect(await ada.other.tasks.get.query({ id: id.task })).toMatchObject({
      title: 'title from here',
      tags: ['here'],
      priority: 'high',
      description: 'from there',
    })
    await expectServiceRows(tab, ada)
  })

  test('the same value on both devices is no conflict', async ({ ada, device, network }) => {
    const id = await ada.add('task')
    const tab = await device.openLive()
    network.cut()
    await tab.run((store, task) => store.tasks.update(task, { due: { date: '2026-12-24' } }), id.task)
    await ada.other.tasks.update.mutate({ id: id.task, changes: { due: { date: '2026-12-24' } } })
    await tab.reconnect(network)
    await tab.untilSent()
    expect(await tab.sync()).toMatchObject({ conflicts: [], refused: [] })
    await expectServiceRows(tab, ada)
  })

  test.for([
    { keep: 'mine', title: 'mine' },
    { keep: 'theirs', title: 'theirs' },
  ] as const)(
    'of one field, both versions are kept until someone chooses: $keep',
    async (chosen, { ada, device, network }) => {
      const id = await ada.add('task')
      const tab = await device.openLive()
      network.cut()
      await tab.run(async (store, task) => {
        await store.tasks.update(task, { title: 'mine' })
        await store.tasks.complete(task)
      }, id.task)
      await ada.other.tasks.update.mutate({ id: id.task, changes: { title: 'theirs', priority: 'low' } })
      await tab.reconnect(network)
      await tab.until(({ sync }) => sync.get().conflicts.length === 1 && sync.get().pending.length === 0)
      // Nothing of the conflict is lost by a reload.
      await tab.reload()
      const { conflicts: found } = await tab.sync()
      expect(found).toMatchObject([
        {
          input: { changes: { title: 'mine' } },
          base: { title: 'task' },
          theirs: { title: 'theirs', priority: 'low' },
        },
      ])
      // The edit of another field did not wait.
      expect(await ada.other.tasks.get.query({ id: id.task })).toMatchObject({ title: 'theirs', complete: true })
      expect((await tab.rows()).tasks).toMatchObject([{ title: 'mine', complete: true, priority: 'low' }])

      await tab.resolveAll(chosen.keep)
      await tab.untilSent()
      expect(await tab.sync()).toMatchObject({ conflicts: [], refused: [] })
      expect(await ada.other.tasks.get.query({ id: id.task })).toMatchObject({ title: chosen.title, complete: true })
      await expectServiceRows(tab, ada)
    },
  )

  test('a form that was open for a while undoes nothing: what the user saw counts', async ({ ada, device }) => {
    const id = await ada.add('task')
    const tab = await device.openLive()
    const [shown] = (await tab.rows()).tasks
    await ada.other.tasks.update.mutate({ id: id.task, changes: { title: 'theirs' } })
    await tab.until((store, task) => store.tasks.get(task).get()?.title === 'theirs', id.task)
    await tab.run(
      (store, task, seen) => store.tasks.update(task, { title: 'mine', tags: ['mine'] }, { seen }),
      id.task,
      shown,
    )
    await tab.until(({ sync }) => sync.get().conflicts.length === 1)
    expect((await tab.sync()).conflicts).toMatchObject([
      { base: { title: 'task' }, fields: [{ field: 'title', mine: 'mine', theirs: 'theirs' }] },
    ])
    await tab.resolveAll('mine')
    await tab.untilSent()
    expect((await ada.rows()).tasks).toMatchObject([{ title: 'mine', tags: ['mine'] }])
    await expectServiceRows(tab, ada)
  })

  test('later edits of a field in conflict wait, and follow the choice', async ({ ada, device, network }) => {
    const id = await ada.add('task')
    const tab = await device.openLive()
    network.cut()
    await tab.run(async (store, task) => {
      await store.tasks.update(task, { title: 'second' })
      await store.tasks.update(task, { title: 'third' })
    }, id.task)
    await ada.other.tasks.update.mutate({ id: id.task, changes: { title: 'theirs' } })
    await tab.reconnect(network)
    await tab.until(({ sync }) => sync.get().conflicts.length === 1)
    expect(await tab.sync()).toMatchObject({ pending: [{ input: { changes: { title: 'third' } } }] })
    const before = await ada.head()
    await tab.resolveAll('mine')
    await tab.untilSent()
    expect(await tab.sync()).toMatchObject({ conflicts: [], refused: [] })
    expect(await ada.done(before)).toEqual(['update task', 'update task'])
    expect(await ada.other.tasks.get.query({ id: id.task })).toMatchObject({ title: 'third' })
    await expectServiceRows(tab, ada)
  })

  test('a device alone is in conflict with nobody', async ({ ada, device, network }) => {
    const tab = await device.openLive()
    const random = createRandom(1)
    network.cut()
    for (let nr = 0; nr < 400; nr++) {
      // Half of them move, delete and restore, or are of lists.
      const which = random.below(2) === 0 ? random.next() : 0.82 + random.next() * 0.18
      await tab.run(edit, `text ${nr}`, which, random.next())
    }
    await tab.reconnect(network)
    await tab.until(({ sync }) => {
      const { pending, refused, conflicts } = sync.get()
      return pending.length === 0 || refused.length + conflicts.length > 0
    })
    expect(await tab.sync()).toMatchObject({ conflicts: [], refused: [] })
    await expectServiceRows(tab, ada)
  })

  test('a task is not purged over a change that nobody here has seen', async ({ ada, device, network }) => {
    const id = await ada.add('task')
    const tab = await device.openLive()
    network.cut()
    await tab.run((store, task) => store.tasks.purge(task), id.task)
    await ada.other.tasks.update.mutate({ id: id.task, changes: { description: 'worth keeping' } })
    await tab.reconnect(network)
    await tab.until(({ sync }) => sync.get().conflicts.length === 1)
    await tab.resolveAll('theirs')
    expect((await tab.rows()).tasks).toMatchObject([{ description: 'worth keeping' }])
    await expectServiceRows(tab, ada)
  })
}
