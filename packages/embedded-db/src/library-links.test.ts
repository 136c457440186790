import { mkdir, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLibraryLinks } from './library-links.ts'

test('creates the links that the install script of the package would have created', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'library-links-'))
  await using _removed = { [Symbol.asyncDispose]: async () => await rm(directory, { recursive: true }) }
  await mkdir(join(directory, 'native/lib'), { recursive: true })
  // A package without links has no such file.
  await createLibraryLinks(directory)
  const links = ['native/lib/libpq.so', 'native/lib/libpq.so.5'].map((target) => ({
    source: 'native/lib/libpq.so.5.18',
    target,
  }))
  await writeFile(join(directory, 'native/pg-symlinks.json'), JSON.stringify(links))
  await writeFile(join(directory, 'native/lib/libpq.so.5.18'), 'a library')
  await Promise.all([createLibraryLinks(directory), createLibraryLinks(directory)])
  expect(await readFile(join(directory, 'native/lib/libpq.so'), 'utf8')).toBe('a library')
  expect(await readlink(join(directory, 'native/lib/libpq.so.5'))).toBe('libpq.so.5.18')
})
