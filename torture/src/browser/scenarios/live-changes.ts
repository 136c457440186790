import { expect } from 'vitest'
import { expectServiceRows } from '../expect-rows.ts'
import { test } from '../fixtures.ts'
import { UNAVAILABLE } from '../replies.ts'
import type { Tab } from '../tab.ts'

/** Changes of other devices arrive. */
export function liveChanges(): void {
  test('changes of another device are shown while the request of an edit waits', async ({ ada, device, network }) => {
    const id = await ada.add('edited', 'changed', 'deleted')
    const tab = await device.openLive()
    const held = network.hold('requests')
    await tab.run((store, edited) => store.tasks.update(edited, { title: 'edited here' }), id.edited)
    await held.arrived

    await ada.other.tasks.update.mutate({ id: id.changed, changes: { title: 'changed there' } })
    await ada.other.tasks.delete.mutate({ id: id.deleted })
    await ada.add('created there')
    await untilTitles(tab, ['changed there', 'created there', 'edited here'])
    expect((await tab.sync()).pending).toHaveLength(1)

    held.release()
    await tab.untilSent()
    await expectServiceRows(tab, ada)
  })

  test('they are shown while the service refuses to take an edit, even changes of the same task', async ({
    ada,
    device,
    network,
  }) => {
    const id = await ada.add('edited')
    const tab = await device.openLive()
    const busy = network.answer(UNAVAILABLE)
    await tab.run((store, edited) => store.tasks.update(edited, { title: 'edited here' }), id.edited)
    await tab.until((store) => store.sync.get().failing?.code === 'UNAVAILABLE')

    await ada.other.tasks.update.mutate({ id: id.edited, changes: { priority: 'urgent' } })
    await ada.add('created there')
    await untilTitles(tab, ['created there', 'edited here'])
    await tab.until((store, edited) => store.tasks.get(edited).get()?.priority === 'urgent', id.edited)
    const { state, pending } = await tab.sync()
    expect([state, pending.length]).toEqual(['live', 1])

    busy.stop()
    await tab.run((store) => store.resume())
    await tab.untilSent()
    await tab.until((store) => store.sync.get().failing === null)
    expect(await ada.other.tasks.get.query({ id: id.edited })).toMatchObject({
      title: 'edited here',
      priority: 'urgent',
    })
    await expectServiceRows(tab, ada)
  })
}

/** Resolves once the tasks outside the trash have these titles. */
async function untilTitles(tab: Tab, titles: string[]): Promise<void> {
  await tab.until((store, wanted) => {
    const shown = store.tasks.query({}, { by: 'title', direction: 'asc' }).get()
    return shown.map(({ title }) => title).join() === wanted
  }, titles.join())
}
