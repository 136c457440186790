import { expect } from 'vitest'
import { expectServiceRows } from '../expect-rows.ts'
import { test } from '../fixtures.ts'
import type { Tab } from '../tab.ts'

const titles = async (tab: Tab): Promise<string[]> => (await tab.rows()).tasks.map(({ title }) => title).toSorted()
const deleteStore = async (tab: Tab): Promise<void> =>
  await tab.command('Storage.clearDataForOrigin', { storageTypes: 'indexeddb' })

/** The browser's storage is full, deleted or blocked. */
export function storage(): void {
  test('an edit for which there is no space rejects and is not shown; once there is space, all goes on', async ({
    ada,
    network,
    profile,
  }) => {
    // Chromium limits the space of stored profiles only.
    await using device = await profile.open()
    const tab = await device.newTab()
    await tab.command('Storage.overrideQuotaForOrigin', { quotaSize: 60_000 })
    await tab.open()
    await tab.untilState('live')
    network.cut()
    await tab.untilState('offline')
    const { made, code } = await tab.run(async (store) => {
      for (let nr = 0; ; nr++)
        try {
          await store.tasks.create({ title: `${nr}`, description: 'x'.repeat(1000) })
        } catch (error) {
          return { made: nr, code: (error as { code?: unknown }).code }
        }
    })
    expect(code).toBe('STORAGE_FULL')
    expect((await tab.rows()).tasks).toHaveLength(made)
    await tab.reload()
    expect((await tab.rows()).tasks).toHaveLength(made)
    expect((await tab.sync()).pending).toHaveLength(made)

    // What others do cannot be stored either, and that is told.
    await ada.other.tasks.create.mutate({ title: 'from the other device', description: 'x'.repeat(1000) })
    await tab.reconnect(network)
    await tab.until((store) => store.sync.get().failing?.code === 'STORAGE_FULL')

    await tab.command('Storage.overrideQuotaForOrigin', {})
    await tab.run(async (store) => {
      await store.tasks.create({ title: 'last' })
      store.resume()
    })
    await tab.untilSent()
    await tab.until((store) => store.sync.get().failing === null)
    expect(await ada.done()).toEqual(Array.from({ length: made + 2 }, () => 'create task'))
    await expectServiceRows(tab, ada)
  })

  test('if the browser deletes the data of an open page, the edits that wait are kept', async ({
    ada,
    device,
    network,
  }) => {
    const id = await ada.add('task', 'untouched')
    const tab = await device.openLive()
    network.cut()
    await tab.untilState('offline')
    await tab.run(async (store, task) => {
      await store.tasks.create({ title: 'made before' })
      await store.tasks.update(task, { title: 'changed before' })
    }, id.task)
    await deleteStore(tab)
    // The mirror is gone, and with it the tasks that nothing has created here.
    await tab.until((store) => store.tasks.query().get().length === 1)
    await tab.run(async (store) => void (await store.tasks.create({ title: 'made after' })))
    expect(await titles(tab)).toEqual(expect.arrayContaining(['made after', 'made before']))
    await tab.reload()
    expect((await tab.sync()).pending).toHaveLength(3)

    await tab.reconnect(network)
    await tab.untilSent()
    await tab.untilState('live')
    expect(await ada.other.tasks.get.query({ id: id.task })).toMatchObject({ title: 'changed before' })
    await expectServiceRows(tab, ada)
  })

  test('if the browser deletes the data of a page that is live, all is read again without a reload', async ({
    ada,
    device,
  }) => {
    await ada.add('first', 'second')
    const tab = await device.openLive()
    await deleteStore(tab)
    await ada.add('third')
    await expectServiceRows(tab, ada)
    await tab.untilState('live')
    await tab.until((store) => store.sync.get().failing === null)
  })

  test('a read that the browser ends is no unhandled error, and is repeated', async ({ ada, device }) => {
    const tab = await device.openLive()
    await tab.page.evaluate(() => {
      const { transaction } = IDBDatabase.prototype
      let isEnded = false
      IDBDatabase.prototype.transaction = function (stores, mode, options) {
        const started = transaction.call(this, stores, mode, options)
        if (mode !== 'readwrite' && !isEnded) started.abort()
        isEnded ||= mode !== 'readwrite'
        return started
      }
    })
    await ada.add('there')
    await expectServiceRows(tab, ada)
    await tab.untilState('live')
  })

  test('an edit that survives the deletion of the mirror does not undo what another device did', async ({
    ada,
    device,
    network,
  }) => {
    const id = await ada.add('task')
    const tab = await device.openLive()
    network.cut()
    await tab.untilState('offline')
    await tab.run((store, task) => store.tasks.update(task, { title: 'mine' }), id.task)
    await deleteStore(tab)
    // The mirror is gone, and the edit is stored again.
    await tab.until((store) => store.tasks.query().get().length === 0)
    await ada.other.tasks.update.mutate({ id: id.task, changes: { title: 'theirs' } })
    await tab.reload()
    await tab.reconnect(network)
    await tab.untilState('live')
    await tab.until(({ sync }) => sync.get().conflicts.length === 1)
    expect(await ada.other.tasks.get.query({ id: id.task })).toMatchObject({ title: 'theirs' })
  })

  test('after the browser has deleted a closed store, the next page says how many edits are gone', async ({
    ada,
    device,
    network,
  }) => {
    await ada.add('on the service')
    const tab = await device.openLive()
    network.cut()
    await tab.run(async (store) => {
      for (const title of ['one', 'two', 'three']) await store.tasks.create({ title })
      await store.close()
    })
    const elsewhere = await device.newTab()
    await deleteStore(elsewhere)
    await elsewhere.open()
    expect((await elsewhere.sync()).evicted).toBe(3)
    await elsewhere.reconnect(network)
    await elsewhere.untilState('live')
    await expectServiceRows(elsewhere, ada)
  })

  test('where the browser gives no storage, the store says so and does not open', async ({ ada, device }) => {
    const blocked = await device.newTab('/sandboxed')
    expect(await blocked.refusesToOpen(ada.id)).toBe('STORAGE_FAILED')
    const without = await device.newTab()
    // As in browsers that have none.
    await without.page.evaluate(() => void Object.defineProperty(globalThis, 'indexedDB', { value: undefined }))
    expect(await without.refusesToOpen(ada.id)).toBe('UNSUPPORTED')
  })

  test('an edit that is stored and cannot be read back resolves, and is sent once', async ({ ada, device }) => {
    const tab = await device.open()
    await tab.untilState('live')
    const created = await tab.run(async (store) => {
      const { transaction } = IDBDatabase.prototype
      IDBDatabase.prototype.transaction = function (names, mode, options) {
        if (mode === 'readonly') throw new DOMException('no', 'UnknownError')
        return transaction.call(this, names, mode, options)
      }
      try {
        const { title } = await store.tasks.create({ title: 'stored' })
        return { title, code: store.sync.get().failing?.code }
      } finally {
        IDBDatabase.prototype.transaction = transaction
      }
    })
    expect(created).toEqual({ title: 'stored', code: 'STORAGE_FAILED' })
    await tab.page.evaluate(() => void dispatchEvent(new Event('focus')))
    await tab.until((store) => store.tasks.query().get().length === 1)
    await tab.untilSent()
    expect(await ada.done()).toEqual(['create task'])
    await expectServiceRows(tab, ada)
  })

  test('a store that cannot write how far it is says so, and goes on once it can', async ({ device, network }) => {
    const tab = await device.open()
    await tab.untilState('live')
    network.cut()
    await tab.untilState('offline')
    await tab.page.evaluate(`(() => {
      const { put } = IDBObjectStore.prototype
      globalThis.free = () => (IDBObjectStore.prototype.put = put)
      IDBObjectStore.prototype.put = () => {
        throw new DOMException('no space', 'QuotaExceededError')
      }
    })()`)
    network.restore()
    await tab.run((store) => store.resume())
    await tab.until((store) => store.sync.get().failing?.code === 'STORAGE_FULL')
    await tab.page.evaluate('void free()')
    await tab.run((store) => store.resume())
    await tab.untilState('live')
    expect((await tab.sync()).failing).toBeNull()
  })
}
