import { expect } from 'vitest'
import { expectServiceRows } from '../expect-rows.ts'
import { test } from '../fixtures.ts'
import type { Device } from '../device.ts'
import { stopFeed } from '../stop-feed.ts'
import type { Tab } from '../tab.ts'

/** Opens a tab that gets no messages of other tabs, as while it is frozen. */
async function openDeaf(device: Device, prepare?: (tab: Tab) => Promise<void>): Promise<Tab> {
  const tab = await device.newTab()
  await prepare?.(tab)
  await tab.page.evaluate(() => {
    BroadcastChannel.prototype.addEventListener = () => {}
  })
  await tab.open()
  return tab
}
const rename = async (tab: Tab, id: string, title: string): Promise<void> =>
  await tab.run((store, task, name) => store.tasks.update(task, { title: name }), id, title)
const titleIn = async (tab: Tab, id: string, title: string): Promise<void> =>
  await tab.until((store, task, wanted) => store.tasks.get(task).get()?.title === wanted, id, title)

/** A tab acts on what it shows before it has read what another one has written. */
export function staleTabs(): void {
  test('an edit made on an earlier one that was settled unseen is in no conflict with it', async ({ ada, device }) => {
    const id = await ada.add('task')
    const first = await device.open()
    await first.untilState('live')
    const deaf = await openDeaf(device)
    // The service trims it.
    await rename(deaf, id.task, 'Buy milk ')
    await first.untilSent()
    await titleIn(first, id.task, 'Buy milk')
    await titleIn(deaf, id.task, 'Buy milk ')
    await rename(deaf, id.task, 'Buy milk and bread')
    await first.until(({ sync, tasks }, task) => {
      const { pending, conflicts } = sync.get()
      return tasks.get(task).get()?.title === 'Buy milk and bread' && pending.length + conflicts.length === 0
    }, id.task)
    await expectServiceRows(first, ada)
  })

  test('an edit that the tab which sends has not read yet is in no conflict with the one that it settles', async ({
    ada,
    device,
    network,
  }) => {
    const id = await ada.add('task')
    // It reads nothing while it writes no Changes.
    const deaf = await openDeaf(device, stopFeed)
    await titleIn(deaf, id.task, 'task')
    const other = await device.open()
    const held = network.hold('replies')
    await rename(deaf, id.task, 'Buy milk ')
    await held.arrived
    await titleIn(other, id.task, 'Buy milk ')
    await rename(other, id.task, 'Buy milk and bread')
    held.release()
    await deaf.untilSent()
    // It reads the other edit when the user comes back.
    await deaf.page.evaluate(() => void dispatchEvent(new Event('focus')))
    await titleIn(deaf, id.task, 'Buy milk and bread')
    await deaf.untilSent()
    expect(await deaf.sync()).toMatchObject({ conflicts: [], refused: [] })
    expect((await ada.rows()).tasks).toMatchObject([{ title: 'Buy milk and bread' }])
  })

  test('a refused edit about which another tab has decided is not decided again', async ({ ada, device, network }) => {
    const first = await device.open()
    await first.untilState('live')
    await first.run(async (store) => void (await store.tasks.create({ title: 'x'.repeat(201) })))
    await first.until(({ sync }) => sync.get().refused.length === 1)
    const deaf = await openDeaf(device)
    await first.run(async ({ mend, sync }) => {
      for (const edit of sync.get().refused) await mend(edit, { title: 'shorter' })
    })
    await first.untilSent()
    const sent = network.sent.length
    expect(
      await deaf.codeOf(async ({ mend, sync }) => {
        for (const edit of sync.get().refused) await mend(edit, { title: 'too late' })
      }),
    ).toBe('NOT_FOUND')
    expect((await deaf.sync()).failing).toBeNull()
    expect(await ada.done()).toEqual(['create task'])
    expect(network.sent).toHaveLength(sent)
    await expectServiceRows(first, ada)
  })

  test('tabs that follow each write never read everything again', async ({ ada, device }) => {
    const tabs = [await device.open(), await device.open()] as const
    for (const tab of tabs) {
      await tab.untilState('live')
      await tab.page.evaluate(`(() => {
        globalThis.reads = 0
        const { getAllKeys } = IDBObjectStore.prototype
        IDBObjectStore.prototype.getAllKeys = function (...args) {
          if (this.name === 'pages') reads++
          return getAllKeys.apply(this, args)
        }
      })()`)
    }
    await tabs[0].run(async (store) => {
      for (let nr = 0; nr < 200; nr++) await store.tasks.create({ title: `${nr}` })
    })
    for (const tab of tabs) {
      await tab.untilSent()
      await expectServiceRows(tab, ada)
      expect(await tab.page.evaluate('reads')).toBe(0)
    }
  })
}
