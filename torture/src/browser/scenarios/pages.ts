import { expect } from 'vitest'
import { bundlePage } from '../bundle-page.ts'
import { expectServiceRows } from '../expect-rows.ts'
import { test } from '../fixtures.ts'
import { SMALL_PAGES } from '../versions.ts'

/** The store writes rows that have changed to their pages. */
export function pages(): void {
  test('pages are split, and lose and keep rows, without a difference in what is shown', async ({
    ada,
    device,
    network,
  }) => {
    const { tasks, lists } = ada.other
    const create = async (count: number, name: string): Promise<string[]> =>
      Object.values(await ada.add(...Array.from({ length: count }, (_, nr) => `${name} ${nr}`)))
    const early = await create(40, 'early')
    await lists.create.mutate({ name: 'first' })
    network.deploy(await bundlePage(SMALL_PAGES))
    const tab = await device.openLive()

    const late = await create(60, 'late')
    // One before all others, and one amid them.
    await tasks.create.mutate({ id: '00000000-0000-7000-8000-000000000000', title: 'first by id' })
    await tasks.create.mutate({ id: early[20]?.replace(/....$/, '0000'), title: 'amid others' })
    await lists.create.mutate({ name: 'second' })
    for (const id of [...early.slice(0, 10), ...late.slice(20, 30)]) await tasks.purge.mutate({ id })
    await tasks.bulk.mutate({ ids: late.slice(0, 15), action: { type: 'update', changes: { priority: 'high' } } })
    await expectServiceRows(tab, ada)

    // The tab that syncs writes the pages at its start.
    for (const time of ['once', 'again']) {
      await tab.reload()
      await tab.untilState('live')
      await tasks.update.mutate({ id: late[40] ?? '', changes: { title: `changed ${time}` } })
      await expectServiceRows(tab, ada)
    }
    const stored = await tab.page.evaluate(storedRows)
    expect(stored.recent).toBe(1)
    expect(stored.pages).toBeGreaterThan(8)
  })
}

/** Returns the numbers of pages and of rows outside them. */
async function storedRows(): Promise<{ pages: number; recent: number }> {
  const [found] = await indexedDB.databases()
  const db = await new Promise<IDBDatabase>((resolve) => {
    const opening = indexedDB.open(found?.name ?? '')
    opening.addEventListener('success', () => resolve(opening.result))
  })
  const count = async (name: string): Promise<number> =>
    await new Promise((resolve) => {
      const counting = db.transaction(name).objectStore(name).count()
      counting.addEventListener('success', () => resolve(counting.result))
    })
  const counts = { pages: await count('pages'), recent: await count('recent') }
  db.close()
  return counts
}
