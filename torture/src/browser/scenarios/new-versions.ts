import { expect } from 'vitest'
import { bundlePage } from '../bundle-page.ts'
import { expectServiceRows } from '../expect-rows.ts'
import { test } from '../fixtures.ts'
import { NEWER_LAYOUT, OLDER_CONTRACT } from '../versions.ts'

/** A new version of the page is deployed. */
export function newVersions(): void {
  test('a new version shows and sends the edits of an older one, gives new fields their defaults, and reads anew', async ({
    ada,
    device,
    network,
  }) => {
    const { tasks } = ada.other
    const id = await ada.add('task')
    await tasks.update.mutate({ id: id.task, changes: { priority: 'high' } })
    const current = await bundlePage()
    network.deploy(await bundlePage(OLDER_CONTRACT))
    const tab = await device.openLive()
    expect((await tab.rows()).tasks[0]).not.toHaveProperty('priority')
    network.cut()
    await tab.untilState('offline')
    await tab.run(async (store, task) => {
      await store.tasks.create({ title: 'made by the older version' })
      await store.tasks.update(task, { title: 'changed by the older version' })
    }, id.task)

    network.deploy(current)
    await tab.reload()
    expect((await tab.sync()).pending).toMatchObject([{ contract: '1.0.0-alpha.1' }, { contract: '1.0.0-alpha.1' }])
    // Until the service can be asked, the default.
    expect((await tab.rows()).tasks).toMatchObject([
      { title: 'changed by the older version', priority: 'none' },
      { title: 'made by the older version', priority: 'none' },
    ])
    const reads = network.queried.length
    await tab.reconnect(network)
    await tab.untilSent()
    await tab.untilState('live')
    expect(network.queried.slice(reads)).toContain('me.export')
    expect(await tasks.get.query({ id: id.task })).toMatchObject({
      title: 'changed by the older version',
      priority: 'high',
    })
    await expectServiceRows(tab, ada)
  })

  test('beside a newer layout of the store, an older page says that it is outdated, and no edit is lost', async ({
    ada,
    device,
    network,
  }) => {
    const current = await bundlePage()
    const older = await device.openLive()
    network.cut()
    await older.untilState('offline')
    await older.run(async (store) => void (await store.tasks.create({ title: 'by the older page' })))

    network.deploy(await bundlePage(NEWER_LAYOUT))
    const newer = await device.open()
    await older.untilState('outdated')
    expect(await older.codeOf(async (store) => await store.tasks.create({ title: 'too late' }))).toBe('OUTDATED')
    expect((await older.rows()).tasks.map(({ title }) => title)).toEqual(['by the older page'])
    // An older page out of a cache does not open the store.
    network.deploy(current)
    const cached = await device.newTab()
    expect(await cached.refusesToOpen()).toBe('OUTDATED')

    expect((await newer.rows()).tasks.map(({ title }) => title)).toEqual(['by the older page'])
    await newer.reconnect(network)
    await newer.untilSent()
    expect(await ada.done()).toEqual(['create task'])
    await expectServiceRows(newer, ada)
  })
}
