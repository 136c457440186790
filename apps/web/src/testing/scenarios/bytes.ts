import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { ADDRESS, PAGE, test } from '../fixtures.ts'

/** Bytes of JavaScript, gzipped, until a task can be added in plain words. */
const MOST = 180_000

export function bytes(): void {
  test('are few until a task can be added', async ({ ada, open }) => {
    const { page, signIn } = await open()
    await signIn(ada)
    const scripts = new Set<string>()
    page.on('request', (request) => request.resourceType() === 'script' && scripts.add(request.url()))
    await page.reload()
    await page.getByRole('textbox', { name: 'Add task' }).fill('Call the bank tomorrow')
    await page.getByText('Tomorrow').waitFor()
    const files = [...scripts].map((url) => join(PAGE, `${url.slice(ADDRESS.length)}.gz`))
    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
    const total = sizes.reduce((sum, size) => sum + size, 0)
    console.log(`${files.length} scripts, ${total} bytes gzipped`)
    expect(files.length).toBeGreaterThan(1)
    expect(total).toBeLessThanOrEqual(MOST)
  })
}
