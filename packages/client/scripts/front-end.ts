import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.ts'
import { type Compiler, tsc } from './tsc.ts'

const client = join(import.meta.dirname, '..')

const PEERS = [
  '@tanstack/react-query',
  '@trpc/client',
  '@trpc/server',
  '@trpc/tanstack-react-query',
  '@types/node',
  '@types/react',
  'react',
  'uuid',
  'zod',
]

/** The cost of a type check. */
export interface TypeCost {
  instantiations: number
  types: number
  /** Seconds. */
  total: number
}

/** A front end outside the workspace, with the packages in its node_modules as they are published. */
export interface FrontEnd extends AsyncDisposable {
  /** Returns the directory of a package. */
  packageOf(name: string): string
  /** Type-checks a source file with the declarations that it uses. Throws an error with the compiler's messages. */
  check(source: string, options?: Record<string, unknown>, compiler?: Compiler): Promise<TypeCost>
}

export async function createFrontEnd(): Promise<FrontEnd> {
  // The compiler reports real paths.
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
      await publishedManifest(join(client, '..', name, 'package.json')),
    )
  for (const scope of ['@tanstack', '@trpc', '@types']) await mkdir(packageOf(scope))
  for (const name of PEERS) await symlink(await realpath(join(client, 'node_modules', name)), packageOf(name))

  return {
    packageOf,
    async check(source, options = {}, compiler) {
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
      const output = await tsc(['-p', directory, '--extendedDiagnostics'], compiler)
      const metric = (name: string): number => Number(new RegExp(`^${name}:\\s+([\\d.]+)`, 'm').exec(output)?.[1])
      return { instantiations: metric('Instantiations'), types: metric('Types'), total: metric('Total time') }
    },
    async [Symbol.asyncDispose]() {
      await rm(directory, { recursive: true })
    },
  }
}

/** Returns package.json as pnpm packs it, except for the versions. */
async function publishedManifest(file: string): Promise<string> {
  const { publishConfig, ...rest } = JSON.parse(await readFile(file, 'utf8')) as { publishConfig?: object }
  return JSON.stringify({ ...rest, ...publishConfig })
}
