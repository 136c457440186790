import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((file) => existsSync(file))

export const hasChromium: boolean = executablePath !== undefined

/** For the name of a test: why it is skipped, if it is. */
export const whySkipped: string = hasChromium ? '' : ' (skipped, since there is no Chromium: apt-get install chromium)'

/** Starts a headless browser. Close it after the test. */
export async function launchChromium(): Promise<Browser> {
  // Chromium's sandbox does not work for root, and the browser opens only the pages of a test.
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage']
  return await chromium.launch({ ...(executablePath === undefined ? {} : { executablePath }), args })
}
