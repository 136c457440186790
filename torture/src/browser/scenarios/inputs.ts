import { expect } from 'vitest'
import { expectServiceRows } from '../expect-rows.ts'
import { test } from '../fixtures.ts'

const UPPER = '0193A1B2-0000-7000-8000-0000000000AA'

/** What callers pass to edits. */
export function inputs(): void {
  test('an id in upper case names the same row as in lower case', async ({ ada, device, network }) => {
    const list = await ada.other.lists.create.mutate({ name: 'Home' })
    const tab = await device.open()
    await tab.untilState('live')
    network.cut()
    await tab.untilState('offline')
    const made = await tab.run(
      async (store, id, home) => {
        const { id: created } = await store.tasks.create({ id, title: 'task', listId: home })
        await store.tasks.complete(id)
        return { created, shown: store.tasks.query({ listId: home }).get().length, one: store.tasks.get(id).get()?.id }
      },
      UPPER,
      list.id.toUpperCase(),
    )
    const lower = UPPER.toLowerCase()
    expect(made).toEqual({ created: lower, shown: 1, one: lower })
    network.restore()
    await tab.run((store) => store.resume())
    await tab.untilSent()
    await tab.untilState('live')
    expect((await tab.rows()).tasks).toMatchObject([{ id: lower, listId: list.id, complete: true }])
    await tab.reload()
    await expectServiceRows(tab, ada)
  })

  test('values are taken as they are at the call, also those of a framework’s proxies', async ({ ada, device }) => {
    const tab = await device.open()
    await tab.run(async (store) => {
      const tags = ['home']
      const created = store.tasks.create({ title: 'task', tags: new Proxy(tags, {}), due: undefined })
      tags.push('later')
      await created
    })
    await tab.untilSent()
    expect((await ada.rows()).tasks).toMatchObject([{ title: 'task', tags: ['home'] }])
    await expectServiceRows(tab, ada)
  })
}
