// Emits the JavaScript and the declarations that are published. pnpm runs this before it packs the package.
import { execFileSync } from 'node:child_process'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const directory = join(import.meta.dirname, '..')
const output = join(directory, 'dist/package')
const compiler = join(directory, '../../node_modules/typescript/bin/tsc')

await rm(output, { recursive: true, force: true })
execFileSync(process.execPath, [compiler, '-p', join(directory, 'tsconfig.package.json')], { stdio: 'inherit' })
// The compiler keeps `.ts` in the imports of declarations.
for (const name of await readdir(output)) {
  if (!name.endsWith('.d.ts')) continue
  const text = await readFile(join(output, name), 'utf8')
  await writeFile(join(output, name), text.replaceAll(/(?<=from '\.\/[\w-]+)\.ts(?=')/g, '.js'))
}
