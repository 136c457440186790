import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { expect, test } from 'vitest'
import { exporters, importers } from './formats.ts'
import { bundle } from './testing/bundle.ts'
import { ACCOUNT, listFixtures, load, storedDraft } from './testing/fixtures.ts'
import { FORMATS } from './types.ts'

const packagesOf = (modules: string[]): string[] => {
  const names = modules.map((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? 'workspace')
  return [...new Set(names)].sort()
}

test('the index loads no parser and takes less than 10 kB in a browser', async () => {
  const { gzipped, modules } = await bundle(join(import.meta.dirname, 'index.ts'))
  expect(packagesOf(modules)).toEqual(['workspace'])
  expect(gzipped).toBeLessThan(10_000)
})

test('the formats do the same in a browser as in Node', async () => {
  const { code, gzipped, modules } = await bundle(join(import.meta.dirname, 'formats.ts'))
  expect(packagesOf(modules)).toEqual(['@noble/hashes', 'csv-parse', 'ical.js', 'workspace'])
  expect(gzipped).toBeLessThan(80_000)
  // The context has JavaScript's own globals, and only these two of the globals that browsers add.
  const browser = createContext({ TextDecoder, TextEncoder })
  runInContext(code, browser)
  for (const format of FORMATS) {
    const inputs = listFixtures(format)
      .filter((path) => !path.endsWith('pending.data'))
      .map(load)
    const imported = inputs.map((each) => importers[format](each))
    const text = exporters[format](
      imported.flatMap(({ tasks }) => tasks.map(storedDraft)),
      ACCOUNT,
    )
    const call = `JSON.stringify([inputs.map(bundled.importers.${format}), bundled.exporters.${format}(tasks, account)])`
    Object.assign(browser, { inputs, tasks: imported.flatMap(({ tasks }) => tasks.map(storedDraft)), account: ACCOUNT })
    expect(JSON.parse(String(runInContext(call, browser)))).toEqual(JSON.parse(JSON.stringify([imported, text])))
  }
})
