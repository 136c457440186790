import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

/** The path of an installed Chromium or Chrome, if any. */
export const CHROMIUM: string | undefined = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((file) =>
  existsSync(file),
)
/** For the names of tests that need it. */
export const SKIPPED: string =
  CHROMIUM === undefined ? ' (skipped, since there is no Chromium: apt-get install chromium)' : ''

export const PAGE = 'http://localhost:5173'
const SERVICE = 'localhost:4000'

/** Opens a browser for which the pages are at `PAGE`, and the service is where the app expects it. */
export async function openBrowser(pages: string, service: string): Promise<Browser> {
  const hosts = `MAP ${new URL(PAGE).host} ${pages}, MAP ${SERVICE} ${service}`
  return await chromium.launch({
    ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
    // Chromium's sandbox does not work for root, and the browser opens only the pages of these tests.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-dev-shm-usage',
      `--host-resolver-rules=${hosts}`,
    ],
  })
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
