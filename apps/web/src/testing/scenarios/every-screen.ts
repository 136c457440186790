import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { DESKTOP, type Look, PHONE, test } from '../fixtures.ts'
import { addSampleWeek } from '../sample.ts'
import { SCREENS } from '../screens.ts'

const LOOKS: Record<string, Look> = {
  light: DESKTOP,
  dark: { ...DESKTOP, colorScheme: 'dark' },
  'phone-light': PHONE,
  'phone-dark': { ...PHONE, colorScheme: 'dark' },
  contrast: { ...DESKTOP, contrast: 'more' },
  'contrast-dark': { ...DESKTOP, contrast: 'more', colorScheme: 'dark' },
}

/** A directory for a picture of every screen; by default none is taken. */
const PICTURES = process.env['TASKWIRE_SCREENS']

export function everyScreen(): void {
  describe.each(Object.entries(LOOKS))('%s', (look, options) => {
    test('has no violation that axe finds', async ({ ada, open }) => {
      await addSampleWeek(ada.phone)
      const window = await open(options)
      await window.page.getByRole('button', { name: 'I am new here' }).click()
      const violations = await inspect(window.page, 'sign-up', look)
      await window.page.getByRole('button', { name: 'I have an account' }).click()
      violations.push(...(await inspect(window.page, 'sign-in', look)))
      await window.signIn(ada)
      for (const { name, show } of SCREENS) {
        await show(window, ada)
        violations.push(...(await inspect(window.page, name, look)))
      }
      expect(violations).toEqual([])
    })
  })
}

/** Returns what axe has against a screen, and takes its picture. */
async function inspect(page: Page, screen: string, look: string): Promise<string[]> {
  if (PICTURES !== undefined && !look.startsWith('contrast')) {
    const directory = resolve(import.meta.dirname, '../../../../..', PICTURES)
    mkdirSync(directory, { recursive: true })
    await page.screenshot({ path: join(directory, `${screen}-${look}.png`), animations: 'disabled' })
  }
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(({ id, help, nodes }) => {
    const where = nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary ?? ''}`)
    return `${screen}: ${id}: ${help}: ${where.join('; ')}`
  })
}
