import { startTestService } from '@taskwire/api/testing'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CHROMIUM, openChromium } from './testing/chromium.ts'
import { servePage } from './testing/serve-page.ts'

/** The same page or service by its other name, which to browsers is another site. */
const atLocalhost = (url: string): string => url.replace('127.0.0.1', 'localhost')
const reason = CHROMIUM === undefined ? ' (skipped, since there is no Chromium: apt-get install chromium)' : ''

test.skipIf(CHROMIUM === undefined)(
  `a page of another origin signs up, lists tasks and follows them by the session cookie${reason}`,
  { timeout: 120_000 },
  async () => {
    await using page = await servePage(join(import.meta.dirname, 'testing/report.ts'))
    await using service = await startTestService({ env: { ALLOWED_ORIGINS: page.origin } })
    await using browser = await openChromium(CHROMIUM ?? '', `${page.origin}/?service=${service.url}`)
    expect(await Promise.race([page.seen, browser.failed])).toEqual({
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

interface Seen {
  byCookie: string
  why?: string
  byToken: string
}

test.skipIf(CHROMIUM === undefined).each([
  ['of the same site, on another port', (origin: string) => atLocalhost(origin), 'list of nothing'],
  ['of another site', (origin: string) => origin, 'UNAUTHENTICATED'],
])(
  `a page %s: by the cookie as the browser lets it, by the token as it is`,
  { timeout: 120_000 },
  async (_what, originOf, byCookie) => {
    await using page = await servePage(join(import.meta.dirname, 'testing/report-sites.ts'))
    const origin = originOf(page.origin)
    await using service = await startTestService({ env: { ALLOWED_ORIGINS: origin } })
    await using browser = await openChromium(CHROMIUM ?? '', `${origin}/?service=${atLocalhost(service.url)}`)
    const seen = (await Promise.race([page.seen, browser.failed])) as Seen
    expect(seen).toMatchObject({ byCookie, byToken: 'list of nothing' })
    if (byCookie === 'UNAUTHENTICATED') expect(seen.why).toContain('of another site')
  },
)
