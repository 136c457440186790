import { expect } from 'vitest'
import { test } from '../fixtures.ts'

export function offline(): void {
  test('the page opens, and takes edits that are sent later', async ({ ada, network, open }) => {
    const { page, signIn, add, checkbox, shows, says } = await open()
    await signIn(ada)
    await add('Buy milk')
    await add('Answer Bob')
    await says('Synced')
    await page.evaluate(async () => await navigator.serviceWorker.ready)

    network.cut()
    await page.reload()
    await says('Offline')
    await shows('Buy milk', 'Answer Bob')
    await checkbox('Buy milk').click()
    await add('Call Cleo')
    await shows('Answer Bob', 'Call Cleo')
    await page.reload()
    await shows('Answer Bob', 'Call Cleo')

    network.lift()
    await says('Synced')
    const { items } = await ada.phone.tasks.list.query({ sort: { by: 'title', direction: 'asc' } })
    expect(items.map(({ title, complete }) => [title, complete])).toEqual([
      ['Answer Bob', false],
      ['Buy milk', true],
      ['Call Cleo', false],
    ])
  })
}
