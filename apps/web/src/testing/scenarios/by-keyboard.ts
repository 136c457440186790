import { expect } from 'vitest'
import { test } from '../fixtures.ts'

export function byKeyboard(): void {
  test('tasks are added, ordered, selected, completed, deleted and taken back', async ({ ada, open }) => {
    const { page, signIn, shows, says } = await open()
    const press = async (...keys: string[]): Promise<void> => {
      for (const key of keys) await page.keyboard.press(key)
    }
    await signIn(ada)
    await press('Escape', 'q')
    for (const title of ['one', 'two', 'three']) {
      await page.keyboard.type(title)
      await press('Enter')
    }
    await shows('one', 'two', 'three')
    // Out of the field, to the list.
    await press('Tab')
    await press('Alt+ArrowDown')
    await shows('two', 'one', 'three')
    await press('ArrowUp', 'Space', 'Shift+ArrowDown', 'c')
    await shows('three')
    await press('z')
    await shows('two', 'one', 'three')
    await press('End', 'Shift+ArrowUp', 'c')
    await shows('two')
    await press('z')
    await shows('two', 'one', 'three')
    await press('End', 'Delete')
    await shows('two', 'one')
    // Here, c is not the key of the list.
    await press('g', 'c')
    await page.getByRole('heading', { level: 1, name: 'Completed' }).waitFor()
    // This page has no field.
    await press('q')
    const field = page.getByRole('textbox', { name: 'Add task' })
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true)
    await press('Escape', 'g', 't')
    await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor()
    await press('?')
    expect(await page.getByRole('dialog').getByText('Add a task').isVisible()).toBe(true)
    await press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await press('g', 'i')
    await shows('two', 'one')
    await says('Synced')
    const { items } = await ada.phone.tasks.list.query({
      sort: { by: 'position', direction: 'asc' },
      filter: { listId: null },
    })
    expect(items.map(({ title }) => title)).toEqual(['two', 'one'])
  })
}
