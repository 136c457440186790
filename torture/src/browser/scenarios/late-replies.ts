import { expect } from 'vitest'
import { expectServiceRows } from '../expect-rows.ts'
import { test } from '../fixtures.ts'
import { UNAVAILABLE } from '../replies.ts'
import { stopFeed } from '../stop-feed.ts'

/** The feed and the replies to edits arrive in another order than the service has done things. */
export function lateReplies(): void {
  test('a task that is purged while the reply to its edit is on the way does not appear again', async ({
    ada,
    device,
    network,
  }) => {
    const id = await ada.add('task', 'other')
    const tab = await device.open()
    await tab.untilState('live')
    const held = network.hold('replies')
    await tab.run((store, task) => store.tasks.update(task, { title: 'changed' }), id.task)
    await held.arrived
    await ada.other.tasks.purge.mutate({ id: id.task })
    await tab.until((store, task) => store.tasks.get(task).get() === undefined, id.task)
    held.release()
    await tab.untilSent()
    expect((await tab.rows()).tasks.map(({ title }) => title)).toEqual(['other'])
    await tab.reload()
    await expectServiceRows(tab, ada)
  })

  test.for([{ reply: 'kept' }, { reply: 'forgotten' }])(
    'an edit whose reply was lost, and whose field another device has set since, is done: its reply is $reply',
    async ({ reply }, { ada, device, network, server }) => {
      const id = await ada.add('task')
      const before = await ada.head()
      const tab = await device.open()
      await tab.untilState('live')
      const held = network.hold('replies')
      await tab.run((store, task) => store.tasks.update(task, { title: 'mine' }), id.task)
      await held.arrived
      const busy = network.answer(UNAVAILABLE)
      network.cut()
      held.release()
      // The other device has seen it.
      await ada.other.tasks.update.mutate({ id: id.task, changes: { title: 'theirs', priority: 'high' } })
      if (reply === 'forgotten') await server.query(`update tw.mutations set reply = null where space_id = '${ada.id}'`)
      network.restore()
      await tab.run((store) => store.resume())
      await tab.until((store, task) => store.tasks.get(task).get()?.priority === 'high', id.task)
      // From here on, the edit is compared with what the other device has done.
      await tab.reload()
      busy.stop()
      await tab.run((store) => store.resume())
      await tab.untilSent()
      expect(await tab.sync()).toMatchObject({ conflicts: [], refused: [] })
      expect(await ada.done(before)).toEqual(['update task', 'update task'])
      await expectServiceRows(tab, ada)
    },
  )

  test('a task of a deleted list that is moved again is not in conflict with the deletion of its list', async ({
    ada,
    device,
    network,
  }) => {
    const { tasks, lists } = ada.other
    const old = await lists.create.mutate({ name: 'Old' })
    const home = await lists.create.mutate({ name: 'Home' })
    const { id } = await tasks.create.mutate({ title: 'task', listId: old.id })
    const tab = await device.open()
    await tab.untilState('live')
    network.cut()
    await tab.untilState('offline')
    await tab.run(
      async (store, former, task, house) => {
        await store.lists.delete(former, 'inbox')
        await store.tasks.move(task, { listId: house })
      },
      old.id,
      id,
      home.id,
    )
    await stopFeed(tab)
    network.restore()
    await tab.run((store) => store.resume())
    await tab.untilSent()
    expect(await tab.sync()).toMatchObject({ conflicts: [], refused: [] })
    expect(await tasks.get.query({ id })).toMatchObject({ listId: home.id })
    await tab.reload()
    await expectServiceRows(tab, ada)
  })
}
