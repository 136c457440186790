import { join } from 'node:path'
import { VIEWS } from '../views/views.ts'
import type { User } from './user.ts'
import type { Window } from './window.ts'

/** A screen of the page. */
export interface Screen {
  name: string
  /** Brings it up in a window with the sample week, from wherever the screen before it has left the page. */
  show(window: Window, ada: User): Promise<void>
}

const SAMPLE = join(import.meta.dirname, 'sample-import.csv')

/** Every screen for which the user is signed in. Each begins where the one before it has left the page. */
export const SCREENS: readonly Screen[] = [
  ...VIEWS.map(({ name }) => ({
    name: name.toLowerCase().replaceAll(' ', '-'),
    show: async ({ go }: Window) => await go(name),
  })),
  { name: 'list', show: async ({ go }) => await go('Home') },
  {
    name: 'list-menu',
    async show({ page }) {
      await page.getByRole('button', { name: 'Change the list' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'tag',
    async show({ page, go }) {
      await page.keyboard.press('Escape')
      await go('errand')
    },
  },
  {
    name: 'search',
    async show({ page, go, row }) {
      await go('Search')
      await page.getByRole('searchbox').fill('lisbon')
      await row('Book the train to Lisbon').waitFor()
    },
  },
  {
    name: 'empty',
    async show({ page }) {
      await page.getByRole('searchbox').fill('nothing has these words')
      await page.getByText('No task has all the words').waitFor()
    },
  },
  {
    name: 'quick-add',
    async show({ page, go }) {
      await go('Inbox')
      await page
        .getByRole('textbox', { name: 'Add task' })
        .pressSequentially('Call the bank tomorrow 9am #Home @calls !high')
      await page.getByText('Tomorrow, 09:00').waitFor()
    },
  },
  {
    name: 'details',
    async show({ page, row, go }) {
      await page.getByRole('textbox', { name: 'Add task' }).press('Escape')
      await go('Today')
      await row('Send the offer to Blum & Sons').click()
      await page.getByRole('complementary').getByRole('button', { name: 'History' }).click()
      await page.getByRole('region', { name: 'History' }).getByRole('button', { name: 'Undo' }).first().waitFor()
    },
  },
  {
    name: 'selection',
    async show({ page, row, go }) {
      await page.getByRole('button', { name: 'Close the details' }).click()
      await go('Inbox')
      await page.getByRole('row').first().focus()
      for (const key of ['x', 'ArrowDown', 'x']) await page.keyboard.press(key)
      await row('Read the chapter on locks').waitFor()
    },
  },
  {
    name: 'palette',
    async show({ page }) {
      await page.keyboard.press('Escape')
      await page.keyboard.press('Control+k')
      await page.getByRole('dialog').getByRole('option').first().waitFor()
    },
  },
  {
    name: 'keys',
    async show({ page }) {
      await page.keyboard.press('Escape')
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'import',
    async show({ page, go }) {
      await page.keyboard.press('Escape')
      await go('Import')
      await page.locator('input[type=file]').setInputFiles(SAMPLE)
      await page.getByRole('button', { name: /^Import \d/ }).waitFor()
    },
  },
  { name: 'export', show: async ({ go }) => await go('Export') },
  {
    name: 'settings',
    async show({ page, go }) {
      await go('Settings')
      await page.getByRole('heading', { name: 'Password' }).waitFor()
    },
  },
  {
    name: 'offline',
    async show({ page, go, says }) {
      await go('Today')
      await page.context().setOffline(true)
      await says('Offline')
    },
  },
  {
    name: 'to-decide',
    async show({ page, row, says }, ada) {
      await row('Water the plants').click()
      const title = page.getByRole('complementary').getByLabel('Title')
      await title.fill('Water the plants, and the basil twice')
      await title.blur()
      const { items } = await ada.phone.tasks.list.query({ filter: { due: 'today' }, timeZone: 'Europe/Berlin' })
      for (const { id, title } of items)
        if (title === 'Water the plants')
          await ada.phone.tasks.update.mutate({ id, changes: { title: 'Water the plants on the balcony' } })
      await page.getByRole('button', { name: 'Close the details' }).click()
      await page.context().setOffline(false)
      await says('Conflict')
      await page.getByRole('status').getByRole('link').click()
      await page.getByRole('heading', { level: 1, name: 'To decide' }).waitFor()
    },
  },
]
