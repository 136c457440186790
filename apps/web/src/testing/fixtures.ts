import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { launchChromium } from '@taskwire/api/browser-testing'
import { startTcpProxy, type TcpProxy } from '@taskwire/api/proxy-testing'
import { startTestService, type TestService } from '@taskwire/api/testing'
import { createClient } from '@taskwire/client'
import type { BrowserContextOptions } from 'playwright-core'
import { test as base } from 'vitest'
import type { User } from './user.ts'
import { type Window, windowOf } from './window.ts'

/** Where the page is for the browser: a secure context, as `https:` is. */
export const ADDRESS = 'http://localhost:4000'

/** What kind of screen the user has, and how things shall look on it. */
export type Look = Pick<BrowserContextOptions, 'viewport' | 'hasTouch' | 'colorScheme' | 'contrast'>

export const DESKTOP = { viewport: { width: 1280, height: 800 } } satisfies Look
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true } satisfies Look

const web = join(import.meta.dirname, '../..')
/** The directory of the built page. */
export const PAGE = join(web, 'dist/page')

/** Builds the page if its sources have changed. */
function buildPage(): void {
  execFileSync(process.execPath, [join(web, 'scripts/build.ts'), '--if-changed'])
}

/** A test with a service that serves the page, and a browser. */
export const test = base
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads from this pattern which fixtures it needs: none.
  .extend('service', { scope: 'file' }, async ({}, { onCleanup }): Promise<TestService> => {
    buildPage()
    const service = await startTestService({ frontEnd: PAGE, env: { PUBLIC_URL: ADDRESS } })
    onCleanup(async () => await service[Symbol.asyncDispose]())
    return service
  })
  /** Between the browser and the service. */
  .extend('network', { scope: 'file' }, async ({ service }, { onCleanup }): Promise<TcpProxy> => {
    const proxy = await startTcpProxy(service.url)
    onCleanup(async () => await proxy[Symbol.asyncDispose]())
    return proxy
  })
  .extend('browser', { scope: 'file' }, async ({ network }, { onCleanup }) => {
    const hosts = `MAP ${new URL(ADDRESS).host} ${new URL(network.url).host}`
    const browser = await launchChromium(`--host-resolver-rules=${hosts}`)
    onCleanup(async () => await browser.close())
    return browser
  })
  .extend('ada', async ({ service }): Promise<User> => {
    const { email, password, token } = await service.signUp('Ada')
    return { email, password, phone: createClient({ url: service.url, token }) }
  })
  /** Opens the page in a browser profile of its own, on a screen of this kind. */
  .extend('open', async ({ browser }, { onCleanup }): Promise<(look?: Look) => Promise<Window>> => {
    const opened = new AsyncDisposableStack()
    onCleanup(async () => await opened.disposeAsync())
    return async (look = DESKTOP) => {
      const context = await browser.newContext({ ...look, locale: 'en-GB', timezoneId: 'Europe/Berlin' })
      const page = await context.newPage()
      const window = windowOf(page)
      opened.defer(async () => {
        await context.close()
        if (window.problems.length > 0) throw new Error(`The page had errors: ${window.problems.join('; ')}`)
      })
      await page.goto(ADDRESS)
      return window
    }
  })
