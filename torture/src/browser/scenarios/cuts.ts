import { expect, vi } from 'vitest'
import { expectServiceRows } from '../expect-rows.ts'
import { test } from '../fixtures.ts'

/** The network is cut. */
export function cuts(): void {
  test('a browser that has lost the network looks at once whether the service can be reached', async ({
    device,
    network,
  }) => {
    const tab = await device.openLive()
    const before = network.queried.length
    await tab.page.evaluate(() => dispatchEvent(new Event('offline')))
    await vi.waitUntil(() => network.queried.slice(before).includes('changes.subscribe'), { timeout: 20_000 })
    await tab.untilState('live')
    await tab.page.context().setOffline(true)
    await tab.untilState('offline')
    await tab.page.context().setOffline(false)
    await tab.untilState('live')
  })

  test('edits of every kind made offline are shown after a reload, and the service gets each once', async ({
    ada,
    device,
    network,
  }) => {
    const { lists, tasks } = ada.other
    const id = await ada.add('updated', 'completed', 'moved', 'deleted', 'restored', 'purged')
    await tasks.delete.mutate({ id: id.restored })
    const home = await lists.create.mutate({ name: 'Home' })
    const old = await lists.create.mutate({ name: 'Old' })
    await tasks.create.mutate({ title: 'in the old list', listId: old.id })
    const before = await ada.head()

    const tab = await device.openLive()
    network.cut()
    await tab.untilState('offline')
    await tab.run(
      async (store, of, house, former) => {
        const work = await store.lists.create({ name: 'Work' })
        await store.lists.update(house, { name: 'House' })
        await store.tasks.create({ title: 'created', listId: work.id, tags: ['new'] })
        await store.tasks.update(of.updated, { title: 'changed', priority: 'high', dueDate: '2026-12-01' })
        await store.tasks.complete(of.completed)
        await store.tasks.move(of.moved, { listId: work.id, after: null })
        await store.tasks.delete(of.deleted)
        await store.tasks.restore(of.restored)
        await store.tasks.purge(of.purged)
        await store.lists.delete(former, 'inbox')
      },
      id,
      home.id,
      old.id,
    )
    const shown = await tab.rows()
    expect(shown.lists.map(({ name }) => name)).toEqual(['House', 'Work'])
    expect(shown.tasks.map(({ title }) => title).toSorted()).toEqual([
      'changed',
      'completed',
      'created',
      'deleted',
      'in the old list',
      'moved',
      'restored',
    ])

    await tab.reload()
    expect(await tab.rows()).toEqual(shown)
    expect((await tab.sync()).pending).toHaveLength(10)
    expect(await ada.head()).toBe(before)

    await tab.reconnect(network)
    await tab.untilSent()
    expect(await ada.done(before)).toEqual([
      'create list',
      'update list',
      'create task',
      'update task',
      'complete task',
      'move task',
      'delete task',
      'restore task',
      'purge task',
      'move task',
      'delete list',
    ])
    await expectServiceRows(tab, ada)
    await tab.reload()
    await expectServiceRows(tab, ada)
  })

  test('an edit whose reply is lost takes effect once', async ({ ada, device, network }) => {
    const tab = await device.open()
    const held = network.hold('replies')
    await tab.run(async (store) => void (await store.tasks.create({ title: 'once' })))
    await held.arrived
    network.cut()
    held.release()
    network.restore()
    await tab.untilSent()
    expect(network.sent.length).toBeGreaterThan(1)
    expect(new Set(network.sent.map(({ mutationId }) => mutationId)).size).toBe(1)
    expect(await ada.done()).toEqual(['create task'])
    await expectServiceRows(tab, ada)
  })

  test('a store that has never reached the service takes edits, and sends them later', async ({
    ada,
    device,
    network,
  }) => {
    await ada.add('on the other device')
    network.cut()
    const tab = await device.newTab()
    // Nobody knows whose store it would be.
    expect(await tab.refusesToOpen()).toBe('NETWORK')
    await tab.open(ada.id)
    await tab.untilState('offline')
    await tab.run(async (store) => void (await store.tasks.create({ title: 'made before' })))
    await tab.reload()
    expect((await tab.rows()).tasks.map(({ title }) => title)).toEqual(['made before'])
    await tab.reconnect(network)
    await tab.untilSent()
    expect(await ada.done()).toEqual(['create task', 'create task'])
    await expectServiceRows(tab, ada)
  })
}
