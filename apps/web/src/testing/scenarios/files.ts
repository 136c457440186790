import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { test } from '../fixtures.ts'

const SAMPLE = join(import.meta.dirname, '../sample-import.csv')

export function files(): void {
  test('a file is imported after a look at what is lost, and all is exported', async ({ ada, open }) => {
    const { page, signIn, go, shows, says } = await open()
    await signIn(ada)
    await go('Import')
    await page.locator('input[type=file]').setInputFiles(SAMPLE)
    await page.getByText('1 task no longer repeats').waitFor()
    await page.getByRole('button', { name: 'Import 4 tasks' }).click()
    await go('sample-import')
    await shows('Descale the kettle', 'Sharpen the knives', 'Sow the radishes', 'Buy seeds')
    // The page of the import still says what it has done.
    await page.goBack()
    await page.getByRole('region', { name: 'Result' }).getByText('Imported 4 tasks').waitFor()
    await says('Synced')
    await go('Export')
    await page.getByText('todo.txt').first().click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: /^(Download|Export)/ }).click(),
    ])
    const text = await readFile(await download.path(), 'utf8')
    expect(text.split('\n').filter((line) => line.includes('radishes'))).toHaveLength(1)
  })
}
