import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Licences that allow the code to be redistributed together with the licence's text. */
const ALLOWED = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  '0BSD',
  'Unlicense',
  // It asks to say where the unchanged source is.
  'MPL-2.0',
])

interface Licence {
  package: string
  id: string
  author: string
  /** Where its source is; empty if the package does not say. */
  source: string
  /** Undefined if the package has no licence file. */
  text: string | undefined
}

/** Returns the licences of the packages in these directories, as one text. Throws if one is not in ALLOWED. */
export async function licencesOf(directories: readonly string[]): Promise<string> {
  const licences = await Promise.all(directories.map(licenceOf))
  const problems = licences.filter(({ id }) => !ALLOWED.has(id))
  if (problems.length > 0)
    throw new Error(
      `These packages cannot be bundled, since their licence is not known to allow it: ${problems.map(({ package: name, id }) => `${name} (${id})`).join(', ')}`,
    )
  // The text of this licence is the same for every package.
  const apache = licences.find(({ id, text }) => id === 'Apache-2.0' && text !== undefined)?.text
  const parts = licences
    .toSorted((a, b) => a.package.localeCompare(b.package))
    .map(({ package: name, id, author, source, text = id === 'Apache-2.0' ? apache : undefined }) =>
      [
        `${name}: ${id}${id === 'MPL-2.0' ? `. Its source, which is not changed here: ${source}` : ''}`,
        text?.trim() ?? `By ${author}. The package has no licence file.`,
      ].join('\n\n'),
    )
  return `The files in lib/ and page/ contain code of these packages.\n\n${parts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}

async function licenceOf(directory: string): Promise<Licence> {
  // Every published package has a name and a version.
  const manifest = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as {
    name: string
    version: string
    license?: string
    author?: string | { name: string }
    repository?: string | { url: string }
  }
  const { author = manifest.name, repository = '' } = manifest
  const file = (await readdir(directory)).find((name) => /^(un)?licen[cs]e/i.test(name))
  return {
    package: `${manifest.name} ${manifest.version}`,
    id: manifest.license ?? 'unknown',
    author: typeof author === 'string' ? author : author.name,
    source: typeof repository === 'string' ? repository : repository.url,
    text: file === undefined ? undefined : await readFile(join(directory, file), 'utf8'),
  }
}
