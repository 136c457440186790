import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

describe('modules', () => {
  const imports = (file: string): string[] =>
    readFileSync(new URL(file, import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => !/^(import|export) type /.test(line))
      .flatMap((line) => / from '(.+)'/.exec(line)?.[1] ?? [])
  const reached = (file: string, seen = new Set<string>()): Set<string> => {
    for (const name of imports(file)) {
      if (seen.has(name)) continue
      seen.add(name)
      if (name.startsWith('./')) reached(name, seen)
    }
    return seen
  }

  // The client bundles these modules; zod would be most of a bundle.
  test.each([
    './errors.ts',
    './fields.ts',
    './instant.ts',
    './limits.ts',
    './search.ts',
    './text-key.ts',
    './version.ts',
  ])('%s does not import zod', (file) => {
    expect([...reached(file)].filter((name) => !name.startsWith('./'))).toEqual([])
  })

  test('no module imports anything but zod, so that all run in a browser', () => {
    const files = readdirSync(new URL('.', import.meta.url)).filter(
      (name) => name.endsWith('.ts') && !name.includes('.test'),
    )
    expect(files.length).toBeGreaterThan(10)
    for (const file of files)
      expect([file, imports(`./${file}`).filter((name) => !name.startsWith('./') && name !== 'zod')]).toEqual([
        file,
        [],
      ])
    expect([...reached('./contract.ts')]).toContain('zod')
  })
})
