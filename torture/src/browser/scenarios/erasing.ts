import { expect } from 'vitest'
import { expectServiceRows } from '../expect-rows.ts'
import { test } from '../fixtures.ts'
import type { Tab } from '../tab.ts'

const databases = async (tab: Tab): Promise<number> =>
  await tab.page.evaluate(async () => (await indexedDB.databases()).length)

/** The store is erased, as when a user signs out for good. */
export function erasing(): void {
  test('a store with edits that the service has not got is erased only if one says so', async ({
    ada,
    device,
    network,
  }) => {
    const tab = await device.open()
    const other = await device.open()
    for (const each of [tab, other]) await each.untilState('live')
    network.cut()
    await other.run(async (store) => void (await store.tasks.create({ title: 'unsent' })))
    expect(await tab.codeOf(async (store) => await store.erase())).toBe('UNSENT')
    // Nothing has happened.
    for (const each of [tab, other]) expect((await each.sync()).pending).toHaveLength(1)

    await tab.run((store) => store.erase({ unsent: 'discard' }))
    for (const each of [tab, other]) {
      await each.untilState('closed')
      expect(await each.codeOf(async (store) => await store.tasks.create({ title: 'too late' }))).toBe('CLOSED')
      expect(await each.codeOf((store) => store.resume())).toBeUndefined()
    }
    expect(await databases(tab)).toBe(0)
    network.restore()
    // The erased account is forgotten, and its edits are not reported as evicted.
    await tab.open()
    await tab.untilState('live')
    expect((await tab.sync()).evicted).toBe(0)
    expect(await ada.done()).toEqual([])
    await expectServiceRows(tab, ada)
  })

  test('a store that the service has got is erased', async ({ ada, device }) => {
    const tab = await device.open()
    await tab.run(async (store) => void (await store.tasks.create({ title: 'sent' })))
    await tab.untilSent()
    await tab.run((store) => store.erase())
    expect(await databases(tab)).toBe(0)
    await tab.open()
    await tab.untilState('live')
    await expectServiceRows(tab, ada)
  })

  test('once a store is being erased, no tab stores an edit that would be erased with it', async ({ ada, device }) => {
    const tab = await device.open()
    const other = await device.open()
    for (const each of [tab, other]) await each.untilState('live')
    // As if the tab were closed before it has deleted the database.
    await tab.page.evaluate(() => {
      IDBFactory.prototype.deleteDatabase = () => {
        throw new Error('closed')
      }
    })
    expect(await tab.codeOf(async (store) => await store.erase())).toBe('Error: closed')
    expect(await other.codeOf(async (store) => await store.tasks.create({ title: 'too late' }))).toBe('CLOSED')
    await tab.close()
    await other.close()

    await ada.add('on the service')
    const next = await device.open()
    await next.untilState('live')
    expect(await next.codeOf(async (store) => await store.tasks.create({ title: 'new' }))).toBeUndefined()
    await next.untilSent()
    await expectServiceRows(next, ada)
  })

  test('a store that is erased while it opens does not open', async ({ device }) => {
    const first = await device.open()
    await first.untilState('live')
    const tab = await device.newTab()
    await tab.page.evaluate(() => {
      const { open } = IDBFactory.prototype
      IDBFactory.prototype.open = function (name, version) {
        IDBFactory.prototype.open = open
        const opening = open.call(this, name, version)
        opening.addEventListener('success', () => void indexedDB.deleteDatabase(name))
        return opening
      }
    })
    expect(await tab.refusesToOpen()).toBe('CLOSED')
  })
}
