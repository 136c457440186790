// Builds the page into dist/page, from where the service serves it. With --if-changed, only if a source is newer.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'

const web = join(import.meta.dirname, '..')
const root = join(web, '../..')
const BUILT = join(web, 'dist/page/index.html')
const SOURCES = [
  ...['src', 'public', 'index.html', 'vite.config.ts', 'package.json'].map((name) => join(web, name)),
  ...['client', 'contract', 'importers'].map((name) => join(root, 'packages', name, 'src')),
  join(root, 'pnpm-lock.yaml'),
]

/** Returns when a file, or any file of a directory, was changed last, in milliseconds; 0 if it is not there. */
async function changedAt(path: string): Promise<number> {
  const stats = await stat(path).catch(() => undefined)
  if (stats === undefined) return 0
  if (!stats.isDirectory()) return stats.mtimeMs
  const names = await readdir(path)
  return Math.max(stats.mtimeMs, ...(await Promise.all(names.map(async (name) => await changedAt(join(path, name))))))
}

const builtAt = await changedAt(BUILT)
const sources = await Promise.all(SOURCES.map(changedAt))
if (!process.argv.includes('--if-changed') || builtAt < Math.max(...sources)) {
  console.log('Building the front end')
  // With any other value, which tests may have set, React has more checks.
  process.env['NODE_ENV'] = 'production'
  await build({ root: web, logLevel: 'warn' })
}
