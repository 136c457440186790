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

  test('a key that is held acts once, and not on the tasks that follow', async ({ ada, open }) => {
    await ada.phone.tasks.createMany.mutate({ tasks: ['one', 'two', 'three', 'four'].map((title) => ({ title })) })
    const { page, signIn, row, shows, says } = await open()
    const hold = async (key: string): Promise<void> => {
      for (let nr = 0; nr < 5; nr++) await page.keyboard.down(key)
      await page.keyboard.up(key)
    }
    await signIn(ada)
    await shows('one', 'two', 'three', 'four')
    await row('one').focus()
    await hold('c')
    await shows('two', 'three', 'four')
    await hold('Delete')
    await shows('three', 'four')
    await hold('z')
    await shows('two', 'three', 'four')
    await says('Synced')
    const { items } = await ada.phone.tasks.list.query({ filter: { complete: false } })
    expect(items).toHaveLength(3)
  })

  test('the keys of an input method belong to it', async ({ ada, open }) => {
    const { page, signIn, add, row, says } = await open()
    await signIn(ada)
    const debugging = await page.context().newCDPSession(page)
    const compose = async (text: string): Promise<void> =>
      void (await debugging.send('Input.imeSetComposition', { text, selectionStart: 0, selectionEnd: text.length }))
    await add('お茶')
    await page.getByRole('textbox', { name: 'Add task' }).focus()
    await compose('にほん')
    await page.keyboard.press('Escape')
    expect(await page.getByRole('textbox', { name: 'Add task' }).inputValue()).toBe('にほん')
    await debugging.send('Input.insertText', { text: '日本' })
    await page.keyboard.press('Enter')
    await row('日本').click()
    await page.getByLabel('Tags').focus()
    await compose('たび')
    await page.keyboard.press('Enter')
    await debugging.send('Input.insertText', { text: '旅' })
    await page.keyboard.press('Enter')
    await row('日本').getByText('@旅').waitFor()
    await says('Synced')
    const { items } = await ada.phone.tasks.list.query({ sort: { by: 'title', direction: 'asc' } })
    expect(items.map(({ title, tags }) => [title, tags])).toEqual([
      ['お茶', []],
      ['日本', ['旅']],
    ])
  })
}
