import { signIn } from '@taskwire/client'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeResetLink } from './reset-links.ts'
import { hasChromium, launchChromium, whySkipped } from '../testing/chromium.ts'
import { startTestService } from '../testing/service.ts'
import { send } from '../testing/wire.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

test('the page may load nothing, cannot be framed, and sends no referrer', async () => {
  const { status, headers, text } = await send(service.url, { path: '/reset-password' })
  expect([status, headers['content-type'], headers['cache-control'], headers['referrer-policy']]).toEqual([
    200,
    'text/html; charset=utf-8',
    'no-store',
    'no-referrer',
  ])
  expect(headers['content-security-policy']).toMatch(
    /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'$/,
  )
  expect(text).not.toMatch(/src=|href=|<form[^>]+action/)
})

describe.skipIf(!hasChromium)(`in a browser${whySkipped}`, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  const linkFor = async ({ email }: { email: string }): Promise<string> =>
    await makeResetLink(service.database.owner, email, service.url)
  /** Opens the page, and collects errors of its script and violations of its content security policy. */
  async function open(link: string): Promise<{ page: Page; problems: string[] }> {
    const problems: string[] = []
    const page = await browser.newPage()
    page.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())))
    page.on('pageerror', (error) => void problems.push(error.message))
    await page.goto(link)
    return { page, problems }
  }
  async function submit(page: Page, password: string): Promise<void> {
    // Finds the elements by label and text, as a screen reader does.
    await page.getByLabel('New password').fill(password)
    await page.getByRole('button', { name: 'Set the password' }).click()
  }
  const waitForStatus = async (page: Page, text: RegExp): Promise<void> =>
    await page.getByRole('status').filter({ hasText: text }).waitFor({ timeout: 60_000 })

  test('a link sets the password, and is removed from the URL', async () => {
    const user = await service.signUp()
    const { page, problems } = await open(await linkFor(user))
    await submit(page, 'battery staple')
    await waitForStatus(page, /^Your password has been changed, and every session has ended\./)
    expect(await page.getByLabel('New password').isVisible()).toBe(false)
    expect(page.url()).toBe(`${service.url}/reset-password`)
    expect(problems).toEqual([])
    await expect(signIn({ url: service.url, email: user.email, password: 'battery staple' })).resolves.toMatchObject({
      user: { id: user.id },
    })
    await page.close()
  })

  test('an invalid password is reported, and the link stays valid', async () => {
    const { page } = await open(await linkFor(await service.signUp()))
    await submit(page, 'short')
    await waitForStatus(page, /^The password is shorter than 8 characters\.$/)
    await page.reload()
    await submit(page, 'battery staple')
    await waitForStatus(page, /has been changed/)
    await page.close()
  })

  test('a used, replaced or expired link is reported', async () => {
    const invalid = /^This link has been used or has expired\. Ask for a new one\.$/
    const user = await service.signUp()
    const [replaced, link] = [await linkFor(user), await linkFor(user)]
    const [first, second] = [await open(link), await open(link)]
    await submit(first.page, 'battery staple')
    await waitForStatus(first.page, /has been changed/)
    await submit(second.page, 'a third password')
    await waitForStatus(second.page, invalid)
    const old = await open(await linkFor(user))
    await service.admin('update auth.password_resets set expires_at = now() where user_id = $1', [user.id])
    await submit(old.page, 'a third password')
    await waitForStatus(old.page, invalid)
    const before = await open(replaced)
    await submit(before.page, 'a third password')
    await waitForStatus(before.page, invalid)
    await expect(signIn({ url: service.url, email: user.email, password: 'battery staple' })).resolves.toBeDefined()
    await Promise.all([first, second, old, before].map(async ({ page }) => await page.close()))
  })

  test('without a token, the page asks for the complete link', async () => {
    const { page, problems } = await open(`${service.url}/reset-password`)
    await waitForStatus(page, /^This page needs the complete link/)
    expect(await page.getByRole('button').isVisible()).toBe(false)
    expect(problems).toEqual([])
    await page.close()
  })
})
