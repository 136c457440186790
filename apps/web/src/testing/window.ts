import type { Locator, Page } from 'playwright-core'
import type { User } from './user.ts'

/** The page, used as people use it: what is in it is found by role and label. */
export interface Window {
  page: Page
  /** The errors of the page that nothing has handled. */
  problems: readonly string[]
  signIn(user: Pick<User, 'email' | 'password'>): Promise<void>
  /** Adds a task by the words that one would type. */
  add(words: string): Promise<void>
  /** The row of a task. */
  row(title: string): Locator
  checkbox(title: string): Locator
  /** Goes to a view or a list. */
  go(name: string): Promise<void>
  /** Resolves once the list has these tasks, in this order. */
  shows(...titles: string[]): Promise<void>
  /** Resolves once the state of the sync begins so. */
  says(state: 'Synced' | 'Saving' | 'Offline' | 'Conflict'): Promise<void>
}

export function windowOf(page: Page): Window {
  const problems: string[] = []
  page.on('pageerror', ({ message }) => void problems.push(message))
  page.on('console', (message) => {
    // A request that fails is an error for the browser.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      problems.push(message.text())
  })
  return {
    page,
    problems,
    async signIn({ email, password }) {
      await page.getByLabel('Email').fill(email)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('textbox', { name: 'Add task' }).waitFor()
    },
    async add(words) {
      const field = page.getByRole('textbox', { name: 'Add task' })
      await field.fill(words)
      await field.press('Enter')
    },
    row: (title) => page.getByRole('row').filter({ has: page.getByRole('checkbox', { name: title, exact: true }) }),
    checkbox: (title) => page.getByRole('checkbox', { name: title, exact: true }),
    async go(name) {
      const link = page.getByRole('navigation').getByRole('link', { name })
      // On a phone, most links are behind a button.
      const menu = page.getByRole('button', { name: 'Menu' })
      if ((await menu.isVisible()) && !(await link.isVisible())) await menu.click()
      await link.click()
      await page.getByRole('heading', { level: 1, name }).waitFor()
    },
    async shows(...titles) {
      const wanted = titles.join('\n')
      await page
        .waitForFunction((text) => {
          const boxes = [...document.querySelectorAll('[role=row] input[type=checkbox]')]
          return boxes.map((box) => box.getAttribute('aria-label')).join('\n') === text
        }, wanted)
        .catch(async (error: unknown) => {
          const shown = await page
            .getByRole('row')
            .getByRole('checkbox')
            .evaluateAll((boxes) => boxes.map((box) => box.ariaLabel))
          throw new Error(`The list does not show ${titles.join()}, but ${shown.join()}`, { cause: error })
        })
    },
    async says(state) {
      await page
        .getByRole('status')
        .filter({ hasText: new RegExp(`^${state}`) })
        .waitFor()
    },
  }
}
