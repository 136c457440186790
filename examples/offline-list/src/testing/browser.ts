import { launchChromium } from '@taskwire/api/browser-testing'
import type { Browser, Page } from 'playwright-core'

export const PAGE = 'http://localhost:5173'
const SERVICE = 'localhost:4000'

/** Opens a browser for which the pages are at `PAGE`, and the service is where the app expects it. */
export async function openBrowser(pages: string, service: string): Promise<Browser> {
  const hosts = `MAP ${new URL(PAGE).host} ${pages}, MAP ${SERVICE} ${service}`
  return await launchChromium(`--host-resolver-rules=${hosts}`)
}

/** Collects the errors of a page: exceptions, rejections, and what React warns of. */
export function problemsOf(page: Page): string[] {
  const problems: string[] = []
  page.on('pageerror', (error) => void problems.push(error.message))
  page.on('console', (message) => {
    // A request that fails is an error for the browser.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      problems.push(message.text())
  })
  return problems
}
