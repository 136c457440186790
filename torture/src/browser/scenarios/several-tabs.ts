import { expect } from 'vitest'
import { expectServiceRows } from '../expect-rows.ts'
import { test } from '../fixtures.ts'
import type { Tab } from '../tab.ts'

/** Creates tasks, one after the other. */
const create = async (tab: Tab, ...titles: string[]): Promise<void> =>
  await tab.run(
    async (store, ...all) => {
      for (const title of all) await store.tasks.create({ title })
    },
    ...titles,
  )

/** The same store is open in several tabs. */
export function severalTabs(): void {
  test.for([
    { which: 'the one that sends', closed: 0 },
    { which: 'another one', closed: 1 },
  ])(
    'three tabs edit offline, and $which is closed: all is sent once, in order',
    async ({ closed }, { ada, device, network }) => {
      const id = await ada.add('shared')
      // The first tab gets the lock.
      const tabs = [await device.open(), await device.open(), await device.open()] as const
      for (const tab of tabs) await tab.untilState('live')
      network.cut()
      for (const tab of tabs) await tab.untilState('offline')
      const [first, second, third] = tabs
      await create(first, 'a', 'b')
      await create(second, 'c')
      await create(third, 'd')
      await first.run((store, shared) => store.tasks.update(shared, { title: 'by the first' }), id.shared)
      await second.run((store, shared) => store.tasks.update(shared, { title: 'by the second' }), id.shared)
      await third.run((store, shared) => store.tasks.complete(shared), id.shared)
      await create(second, 'e')
      await create(first, 'f')
      // What one tab has saved, all show.
      for (const tab of tabs) await tab.until((store) => store.sync.get().pending.length === 9)
      const shown = await first.rows()
      expect(shown.tasks).toHaveLength(7)
      for (const tab of tabs) expect(await tab.rows()).toEqual(shown)

      await tabs[closed]?.close()
      const open = tabs.filter((_, nr) => nr !== closed)
      for (const tab of open) expect(await tab.rows()).toEqual(shown)
      await open[0]?.reconnect(network)
      for (const tab of open) await tab.untilSent()

      const changed = { id: id.shared, expectedRevision: expect.any(Number) as number }
      expect(network.sent).toMatchObject([
        ...['a', 'b', 'c', 'd'].map((title) => ({ path: 'tasks.create', input: { title } })),
        { path: 'tasks.update', input: { ...changed, changes: { title: 'by the first' } } },
        { path: 'tasks.update', input: { ...changed, changes: { title: 'by the second' } } },
        { path: 'tasks.update', input: { ...changed, changes: { complete: true } } },
        ...['e', 'f'].map((title) => ({ path: 'tasks.create', input: { title } })),
      ])
      expect((await ada.done()).toSorted()).toEqual([
        'complete task',
        ...Array.from({ length: 7 }, () => 'create task'),
        'update task',
        'update task',
      ])
      for (const tab of open) await expectServiceRows(tab, ada)
      expect(await ada.other.tasks.get.query({ id: id.shared })).toMatchObject({
        title: 'by the second',
        complete: true,
      })
    },
  )

  test('edits made by three tabs at the same time are all sent once', async ({ ada, device, network }) => {
    const tabs = [await device.open(), await device.open(), await device.open()] as const
    for (const tab of tabs) await tab.untilState('live')
    const titles = tabs.map((_, tab) => Array.from({ length: 10 }, (_each, nr) => `${tab} ${nr}`))
    await Promise.all(tabs.map(async (tab, nr) => await create(tab, ...(titles[nr] ?? []))))
    for (const tab of tabs) await tab.untilSent()
    expect(network.sent).toHaveLength(30)
    expect((await ada.rows()).tasks.map(({ title }) => title).toSorted()).toEqual(titles.flat().toSorted())
    expect(await ada.done()).toEqual(Array.from({ length: 30 }, () => 'create task'))
    for (const tab of tabs) await expectServiceRows(tab, ada)
  })

  test('a tab without the lock sends its edit by the tab that has it, and shows changes of other devices', async ({
    ada,
    device,
  }) => {
    const first = await device.openLive()
    const second = await device.openLive()
    await create(second, 'by the second')
    await second.untilSent()
    await ada.add('by another device')
    for (const tab of [first, second]) await expectServiceRows(tab, ada)
  })
}
