import { expect } from 'vitest'
import { canonical } from '../canonical.ts'
import type { Account } from './account.ts'
import type { Tab } from './tab.ts'

/** Waits until a tab shows what the service has, and compares all rows. */
export async function expectServiceRows(tab: Tab, account: Account): Promise<void> {
  const rows = await account.rows()
  const text = canonical(rows)
  // If they never become equal, the comparison says how they differ.
  await tab.page
    .evaluate((wanted) => globalThis.taskwire.until(() => globalThis.taskwire.shows(wanted), 'the rows'), text)
    .catch(() => {})
  expect(await tab.rows()).toEqual(rows)
}
