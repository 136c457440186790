import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { DESKTOP, type Look, PHONE, test } from '../fixtures.ts'
import { addSampleWeek } from '../sample.ts'
import { SCREENS } from '../screens.ts'

/** Of a screen in other colours, only the colours are inspected. */
const LOOKS: Record<string, Look & { areColoursNew?: true }> = {
  light: DESKTOP,
  'phone-light': PHONE,
  dark: { ...DESKTOP, colorScheme: 'dark', areColoursNew: true },
  'phone-dark': { ...PHONE, colorScheme: 'dark', areColoursNew: true },
  contrast: { ...DESKTOP, contrast: 'more', areColoursNew: true },
  'contrast-dark': { ...DESKTOP, contrast: 'more', colorScheme: 'dark', areColoursNew: true },
}

/** A directory for a picture of every screen; by default none is taken. */
const PICTURES = process.env['TASKWIRE_SCREENS']

export function everyScreen(): void {
  describe.each(Object.entries(LOOKS))('%s', (look, { areColoursNew, ...options }) => {
    test('has no violation that axe finds', async ({ ada, open }) => {
      await addSampleWeek(ada.phone)
      const window = await open(options)
      await window.page.getByRole('button', { name: 'I am new here' }).click()
      const rules = areColoursNew === true ? ['color-contrast'] : []
      const violations = await inspect(window.page, 'sign-up', look, rules)
      await window.page.getByRole('button', { name: 'I have an account' }).click()
      violations.push(...(await inspect(window.page, 'sign-in', look, rules)))
      await window.signIn(ada)
      for (const { name, show } of SCREENS) {
        await show(window, ada)
        violations.push(...(await inspect(window.page, name, look, rules)))
      }
      expect(violations).toEqual([])
    })
  })
}

/** Returns what axe has against a screen by these rules (by default all), and takes its picture. */
async function inspect(page: Page, screen: string, look: string, rules: string[]): Promise<string[]> {
  if (PICTURES !== undefined && !look.startsWith('contrast')) {
    const directory = resolve(import.meta.dirname, '../../../../..', PICTURES)
    mkdirSync(directory, { recursive: true })
    await page.screenshot({ path: join(directory, `${screen}-${look}.png`), animations: 'disabled' })
  }
  const axe = new AxeBuilder({ page })
  const { violations } = await (rules.length === 0 ? axe : axe.withRules(rules)).analyze()
  return violations.map(({ id, help, nodes }) => {
    const where = nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary ?? ''}`)
    return `${screen}: ${id}: ${help}: ${where.join('; ')}`
  })
}
