import { startTestService } from '@taskwire/api/testing'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CHROMIUM, openChromium } from './testing/chromium.ts'
import { servePage } from './testing/serve-page.ts'

/** Replaces 127.0.0.1 with localhost: the same machine, but for browsers another site. */
const atLocalhost = (url: string): string => url.replace('127.0.0.1', 'localhost')
const reason = CHROMIUM === undefined ? ' (skipped: Chromium is not installed, see apt-get install chromium)' : ''

test.skipIf(CHROMIUM === undefined)(
  `a page of another origin signs up, lists tasks and follows changes with the session cookie${reason}`,
  { timeout: 120_000 },
  async () => {
    await using page = await servePage(join(import.meta.dirname, 'testing/report.ts'))
    await using service = await startTestService({ env: { ALLOWED_ORIGINS: page.origin } })
    await using browser = await openChromium(CHROMIUM ?? '', `${page.origin}/?service=${service.url}`)
    expect(await Promise.race([page.report, browser.failed])).toEqual({
      byToken: 'UNAUTHENTICATED',
      signedIn: '<li>Look around</li>',
      live: '<li>Look again</li><li>Look around</li>',
      followed: 'UNAUTHENTICATED',
      email: 'visitor@example.com',
      cookie: '',
      signedOut: 'Please sign in.',
    })
  },
)

test.skipIf(CHROMIUM === undefined)(
  'for a page of an origin that is not allowed, the error and the log of the service say what to set',
  { timeout: 120_000 },
  async () => {
    await using page = await servePage(join(import.meta.dirname, 'testing/report-sites.ts'))
    await using service = await startTestService()
    await using browser = await openChromium(CHROMIUM ?? '', `${page.origin}/?service=${service.url}`)
    expect(await Promise.race([page.report, browser.failed])).toEqual({
      error: `SignInError: Failed to fetch. If the service is running, add ${page.origin} to its ALLOWED_ORIGINS`,
    })
    expect(service.log.join('')).toContain(`Pages of ${page.origin} are refused.`)
  },
)

interface Report {
  byCookie: string
  why?: string
  byToken: string
}

test.skipIf(CHROMIUM === undefined).each([
  ['of the same site, on another port', (origin: string) => atLocalhost(origin), 'list of nothing'],
  ['of another site', (origin: string) => origin, 'UNAUTHENTICATED'],
])(
  'a page %s can call with a token, and with the cookie only if it is on the same site',
  { timeout: 120_000 },
  async (_what, originOf, byCookie) => {
    await using page = await servePage(join(import.meta.dirname, 'testing/report-sites.ts'))
    const origin = originOf(page.origin)
    await using service = await startTestService({ env: { ALLOWED_ORIGINS: origin } })
    await using browser = await openChromium(CHROMIUM ?? '', `${origin}/?service=${atLocalhost(service.url)}`)
    const report = (await Promise.race([page.report, browser.failed])) as Report
    expect(report).toMatchObject({ byCookie, byToken: 'list of nothing' })
    if (byCookie === 'UNAUTHENTICATED') expect(report.why).toMatch(/of another site .*createClient\({ url, token }\)/)
  },
)
