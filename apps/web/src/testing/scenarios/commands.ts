import { expect } from 'vitest'
import { test } from '../fixtures.ts'

export function commands(): void {
  test('the palette goes to places, and changes what is selected', async ({ ada, open }) => {
    const list = await ada.phone.lists.create.mutate({ name: 'Work' })
    for (const title of ['one', 'two', 'three']) await ada.phone.tasks.create.mutate({ title })
    const { page, signIn, shows, says, row, go } = await open()
    const choose = async (words: string, name: string): Promise<void> => {
      await page.getByRole('combobox').fill(words)
      await page.getByRole('option', { name, exact: true }).waitFor()
      await page.keyboard.press('Enter')
    }
    await signIn(ada)
    await shows('one', 'two', 'three')
    await row('one').focus()
    for (const key of ['x', 'ArrowDown', 'x', 'v']) await page.keyboard.press(key)
    await choose('to work', 'Move to Work')
    await shows('three')
    await page.keyboard.press('Control+k')
    await choose('go to work', 'Go to Work')
    await shows('one', 'two')
    await row('two').focus()
    await page.keyboard.press('d')
    await page.getByRole('combobox').fill('in three days')
    await page.keyboard.press('Enter')
    await go('Upcoming')
    await shows('two')
    await says('Synced')
    const { items } = await ada.phone.tasks.list.query({ filter: { listId: list.id } })
    expect(items.map(({ title }) => title).toSorted()).toEqual(['one', 'two'])
  })

  test('tasks are dragged to another place, and to a list', async ({ ada, open }) => {
    const list = await ada.phone.lists.create.mutate({ name: 'Work' })
    for (const title of ['one', 'two', 'three']) await ada.phone.tasks.create.mutate({ title })
    const { page, signIn, shows, says, row } = await open()
    await signIn(ada)
    await shows('one', 'two', 'three')
    await row('one').dragTo(row('three'), { targetPosition: { x: 200, y: 35 } })
    await shows('two', 'three', 'one')
    await row('three').dragTo(page.getByRole('navigation').getByRole('link', { name: 'Work' }))
    await shows('two', 'one')
    await says('Synced')
    const { items } = await ada.phone.tasks.list.query({ filter: { listId: list.id } })
    expect(items.map(({ title }) => title)).toEqual(['three'])
  })
}
