import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const read = async (path: string): Promise<string> => await readFile(join(import.meta.dirname, path), 'utf8')

test.each([
  ['front-ends.md', 'app.tsx'],
  ['hooks.md', 'undecided.tsx'],
])('docs/callers/%s shows all of %s', async (name, file) => {
  const page = await read(`../../../docs/callers/${name}`)
  const blocks = [...page.matchAll(/^```tsx\n([^]*?)^```$/gm)].map(([, code]) => code)
  expect(blocks).toContain(await read(file))
})

test('the app has under 40 lines, and imports only packages that are published', async () => {
  const app = await read('app.tsx')
  expect(app.trimEnd().split('\n').length).toBeLessThan(40)
  const imported = [...app.matchAll(/from '([^']+)'/g)].map(([, name]) => name)
  expect(imported).toEqual(['@taskwire/client', '@taskwire/client/react', 'react-dom/client'])
})
