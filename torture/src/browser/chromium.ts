import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'

/** The path of an installed Chromium or Chrome, if any. */
export const CHROMIUM: string | undefined = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((file) =>
  existsSync(file),
)

// Chromium's sandbox does not work for root, and the browser opens only the pages of these tests.
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage']

export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({ ...program(), args: ARGS })
}

/** Opens a browser of its own whose profile is stored in a directory. */
export async function openProfile(directory: string): Promise<BrowserContext> {
  return await chromium.launchPersistentContext(directory, { ...program(), args: ARGS })
}

const program = (): { executablePath?: string } => (CHROMIUM === undefined ? {} : { executablePath: CHROMIUM })
