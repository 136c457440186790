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

  test('an import without a network says on any page that nothing was imported, and goes on later', async ({
    ada,
    network,
    open,
  }) => {
    const { page, signIn, go, shows, says } = await open()
    await signIn(ada)
    await says('Synced')
    await go('Import')
    await page.locator('input[type=file]').setInputFiles(SAMPLE)
    const send = page.getByRole('button', { name: 'Import 4 tasks' })
    await send.waitFor()
    network.cut()
    await send.click()
    await go('Inbox')
    await page.getByText('Nothing was imported. The service cannot be reached').waitFor()
    network.lift()
    await says('Synced')
    await go('Import')
    await send.click()
    await page.getByRole('region', { name: 'Result' }).getByText('Imported 4 tasks').waitFor()
    await go('sample-import')
    await shows('Descale the kettle', 'Sharpen the knives', 'Sow the radishes', 'Buy seeds')
  })
}
