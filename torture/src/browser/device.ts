import type { BrowserContext } from 'playwright-core'
import { type Tab, tabOf } from './tab.ts'

/** A browser profile. Disposing closes it, and throws if a page had an error that nothing has handled. */
export interface Device extends AsyncDisposable {
  /** The token of its session. */
  token: string
  /** Opens the page in a new tab. */
  newTab(path?: string): Promise<Tab>
  /** Opens the page in a new tab, and the store, by default that of the account which was opened last. */
  open(account?: string): Promise<Tab>
  /** The same, and waits until the store is live. */
  openLive(account?: string): Promise<Tab>
}

/** Adds the cookie of a session to a profile, and opens tabs in it. */
export async function deviceOf(context: BrowserContext, origin: string, token: string): Promise<Device> {
  const problems: string[] = []
  await context.addCookies([{ name: 'taskwire.session_token', value: token, url: origin }])
  const device: Device = {
    token,
    async newTab(path = '/') {
      const page = await context.newPage()
      page.on('pageerror', ({ message }) => void problems.push(message))
      await page.goto(`${origin}${path}`)
      return tabOf(page)
    },
    async open(account) {
      const tab = await device.newTab()
      await tab.open(account)
      return tab
    },
    async openLive(account) {
      const tab = await device.open(account)
      await tab.untilState('live')
      return tab
    },
    async [Symbol.asyncDispose]() {
      await context.close()
      if (problems.length > 0) throw new Error(`The page had errors that nothing handled: ${problems.join('; ')}`)
    },
  }
  return device
}
