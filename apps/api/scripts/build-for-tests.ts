import { rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, tsc } from './build.ts'

const root = join(import.meta.dirname, '../../..')
const embedded = join(root, 'packages/embedded-db')

/** Builds @taskwire/server and @taskwire/embedded-db into the directory's node_modules, as npm would install them. */
export async function installBuild(directory: string): Promise<void> {
  const scope = join(directory, 'node_modules/@taskwire')
  await build(join(scope, 'server'))
  const target = join(scope, 'embedded-db')
  await tsc('-p', join(embedded, 'tsconfig.package.json'), '--outDir', join(target, 'dist/package'))
  const manifest = { name: '@taskwire/embedded-db', type: 'module', exports: './dist/package/index.js' }
  await writeFile(join(target, 'package.json'), JSON.stringify(manifest))
  await symlink(join(embedded, 'node_modules'), join(target, 'node_modules'))
}

interface Project {
  config: { env: Partial<Record<string, string>> }
}

/** The global set-up of the vitest project `built`. */
export default async function setup({ config }: Project): Promise<() => Promise<void>> {
  const server = config.env['TASKWIRE_TEST_BUILD'] ?? ''
  const directory = join(server, '../../..')
  await installBuild(directory)
  return async () => await rm(directory, { recursive: true })
}
