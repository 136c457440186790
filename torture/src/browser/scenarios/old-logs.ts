import { expect } from 'vitest'
import { expectServiceRows } from '../expect-rows.ts'
import { test } from '../fixtures.ts'

/** The service no longer keeps the Changes that a page has missed. */
export function oldLogs(): void {
  test('the mirror is read anew, and the edits are kept and sent', async ({ ada, device, network, server }) => {
    const id = await ada.add('edited', 'changed', 'purged')
    const tab = await device.openLive()
    network.cut()
    await tab.untilState('offline')
    await tab.run(async (store, edited) => {
      await store.tasks.update(edited, { title: 'edited here' })
      await store.tasks.create({ title: 'created here' })
    }, id.edited)
    const { tasks, lists } = ada.other
    await lists.create.mutate({ name: 'there' })
    await tasks.update.mutate({ id: id.changed, changes: { title: 'changed there' } })
    await tasks.purge.mutate({ id: id.purged })
    // The service's own upkeep deletes what is older than it keeps.
    await server.query(`update tw.changes set at = now() - interval '100 days' where space_id = '${ada.id}'`)
    await server.query('select tw.sweep(90, 1000)')
    const before = await ada.head()

    // The edits wait while the mirror is read.
    const held = network.hold('requests')
    const reads = network.queried.length
    await tab.reconnect(network)
    await tab.untilState('live')
    expect(network.queried.slice(reads)).toContain('me.export')
    const shown = await tab.rows()
    expect(shown.tasks.map(({ title }) => title).toSorted()).toEqual(['changed there', 'created here', 'edited here'])
    expect(shown.lists.map(({ name }) => name)).toEqual(['there'])
    expect((await tab.sync()).pending).toHaveLength(2)

    held.release()
    await tab.untilSent()
    expect(await ada.done(before)).toEqual(['update task', 'create task'])
    await expectServiceRows(tab, ada)
  })
}
