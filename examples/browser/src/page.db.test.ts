import { startTestService } from '@taskwire/api/testing'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CHROMIUM, openChromium } from './testing/chromium.ts'
import { servePage } from './testing/serve-page.ts'

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
