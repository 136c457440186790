import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const pages = globSync('**/*.md', { cwd: root, exclude: ['**/node_modules', '**/.taskwire'] })

test.each(pages)('%s links to what is there', (page) => {
  const links = [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:)([^)#\s]+)[^)]*\)/g)]
  expect(links.map(([, to = '']) => to).filter((to) => !existsSync(join(root, dirname(page), to)))).toEqual([])
})

test.each(pages)('%s names tests that are there', (page) => {
  const named = [...readFileSync(join(root, page), 'utf8').matchAll(/`([\w./-]+\.test(?:-d)?\.ts)` "([^"]+)"/g)]
  const missing = named.filter(
    ([, file = '', title = '']) =>
      !existsSync(join(root, file)) || !readFileSync(join(root, file), 'utf8').includes(title),
  )
  expect(missing.map(([whole]) => whole)).toEqual([])
})
