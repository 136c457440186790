import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.ts'
import { tsc } from './tsc.ts'

const client = join(import.meta.dirname, '..')

/** What a type check cost. */
export interface TypeCost {
  instantiations: number
  types: number
  /** Seconds. */
  total: number
}

/** A front end outside of the workspace, with the packages in its node_modules as they are published. */
export interface FrontEnd extends AsyncDisposable {
  /** Where a published package is; others have a link. */
  packageOf(name: string): string
  /** Checks a source file, and the declarations that it uses; throws with what was found. */
  check(source: string, options?: Record<string, unknown>): Promise<TypeCost>
}

export async function createFrontEnd(): Promise<FrontEnd> {
  // The compiler names files by their real path.
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'taskwire-front-end-')))
  const packageOf = (name: string): string => join(directory, 'node_modules', name)
  await build({
    contract: join(packageOf('@taskwire/contract'), 'dist'),
    client: join(packageOf('@taskwire/client'), 'dist'),
  })
  await writeFile(join(directory, 'package.json'), JSON.stringify({ type: 'module' }))
  for (const name of ['contract', 'client'])
    await writeFile(
      join(packageOf(`@taskwire/${name}`), 'package.json'),
      await published(join(client, '..', name, 'package.json')),
    )
  await mkdir(packageOf('@trpc'))
  for (const [name, user] of Object.entries({
    '@trpc/client': 'client',
    '@trpc/server': 'client',
    uuid: 'client',
    zod: 'contract',
  }))
    await symlink(await realpath(join(client, '..', user, 'node_modules', name)), packageOf(name))

  return {
    packageOf,
    async check(source, options = {}) {
      await writeFile(join(directory, 'page.ts'), source)
      await writeFile(
        join(directory, 'tsconfig.json'),
        JSON.stringify({
          compilerOptions: {
            target: 'es2024',
            lib: ['es2024', 'dom', 'dom.iterable'],
            types: [],
            module: 'esnext',
            moduleResolution: 'bundler',
            strict: true,
            exactOptionalPropertyTypes: true,
            skipLibCheck: true,
            noEmit: true,
            ...options,
          },
          files: ['page.ts'],
        }),
      )
      const said = await tsc('-p', directory, '--extendedDiagnostics')
      const figure = (name: string): number => Number(new RegExp(`^${name}:\\s+([\\d.]+)`, 'm').exec(said)?.[1])
      return { instantiations: figure('Instantiations'), types: figure('Types'), total: figure('Total time') }
    },
    async [Symbol.asyncDispose]() {
      await rm(directory, { recursive: true })
    },
  }
}

/** As pnpm writes it into what it packs, apart from the versions. */
async function published(file: string): Promise<string> {
  const { publishConfig, ...rest } = JSON.parse(await readFile(file, 'utf8')) as { publishConfig?: object }
  return JSON.stringify({ ...rest, ...publishConfig })
}
