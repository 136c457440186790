import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((file) => existsSync(file))
const PROGRAM = executablePath === undefined ? {} : { executablePath }

export const hasChromium: boolean = executablePath !== undefined

/** For the name of a test: why it is skipped, if it is. */
export const whySkipped: string = hasChromium ? '' : ' (skipped, since there is no Chromium: apt-get install chromium)'

// Chromium's sandbox does not work for root, and the browser opens only the pages of a test.
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage']

/** Starts a headless browser, with more arguments if need be. Close it after the test. */
export async function launchChromium(...args: string[]): Promise<Browser> {
  return await chromium.launch({ ...PROGRAM, args: [...ARGS, ...args] })
}

/** Starts a headless browser whose profile is stored in a directory. */
export async function openProfile(directory: string): Promise<BrowserContext> {
  return await chromium.launchPersistentContext(directory, { ...PROGRAM, args: ARGS })
}
