// Builds the package @taskwire/server: npm run build [-- DIRECTORY], by default into dist/ of the workspace (ADR 34).
import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { bundle } from './bundle.ts'
import { copyFrontEnd } from './front-end.ts'
import { licencesOf } from './licences.ts'

const api = join(import.meta.dirname, '..')
const root = join(api, '../..')
const db = join(root, 'packages/db')

/** The programs of the package, and the name of each one's file in `lib`. */
const PROGRAMS = { 'taskwire-server': 'server', 'taskwire-admin': 'admin' } as const

/** Writes the package into the directory, which is emptied first. */
export async function build(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { recursive: true })
  const { packages } = await bundle({
    directory: join(directory, 'lib'),
    entries: {
      server: join(api, 'src/server.ts'),
      admin: join(api, 'src/admin.ts'),
      plugin: join(api, 'src/plugin.ts'),
      'test-kit': join(api, 'src/test-kit.ts'),
    },
  })
  for (const entry of Object.values(PROGRAMS)) await chmod(join(directory, 'lib', `${entry}.js`), 0o755)
  await writeTypes(join(directory, 'lib/plugin.d.ts'))
  await copySql(directory)
  const ofPage = await copyFrontEnd(join(directory, 'page'))
  await writeFile(join(directory, 'THIRD-PARTY-LICENCES.txt'), await licencesOf([...packages, ...ofPage]))
  await writeFile(join(directory, 'package.json'), `${JSON.stringify(await manifest(), null, 2)}\n`)
  await cp(join(root, 'LICENSE'), join(directory, 'LICENSE'))
  await cp(join(api, 'README.md'), join(directory, 'README.md'))
}

async function writeTypes(file: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'taskwire-types-'))
  await tsc('-p', join(api, 'tsconfig.package.json'), '--outDir', scratch)
  await cp(join(scratch, 'plugin.d.ts'), file)
  await rm(scratch, { recursive: true })
}

/** Runs the workspace's TypeScript. */
export async function tsc(...args: string[]): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...args])
  } catch (error) {
    const { stdout } = error as { stdout?: string }
    throw new Error(`tsc ${args.join(' ')} found errors:\n${stdout ?? ''}`, { cause: error })
  }
}

/** Keeps the relative paths of packages/db, by which the code finds these files, with `lib` in place of `src`. */
async function copySql(directory: string): Promise<void> {
  await cp(join(db, 'src/functions'), join(directory, 'lib/functions'), { recursive: true })
  await cp(join(db, 'queries'), join(directory, 'queries'), { recursive: true })
  await cp(join(db, 'roles.sql'), join(directory, 'roles.sql'))
  await cp(join(db, 'migrations'), join(directory, 'migrations'), {
    recursive: true,
    // Only drizzle-kit reads the snapshots.
    filter: (path) => !path.endsWith('snapshot.json'),
  })
}

interface Manifest {
  version: string
  license: string
}

async function manifest(): Promise<object> {
  // Our own package.json has this shape.
  const { version, license } = JSON.parse(await readFile(join(api, 'package.json'), 'utf8')) as Manifest
  return {
    name: '@taskwire/server',
    version,
    description: 'Taskwire: durable tasks for many users in PostgreSQL, with typed calls',
    license,
    type: 'module',
    bin: Object.fromEntries(Object.entries(PROGRAMS).map(([program, entry]) => [program, `lib/${entry}.js`])),
    exports: {
      '.': { types: './lib/plugin.d.ts', default: './lib/plugin.js' },
      // For @taskwire/testing.
      './test-kit': './lib/test-kit.js',
      './package.json': './package.json',
    },
    engines: { node: '>=22' },
    peerDependencies: { '@taskwire/embedded-db': `^${version}`, fastify: '^5.0.0' },
    peerDependenciesMeta: { '@taskwire/embedded-db': { optional: true }, fastify: { optional: true } },
  }
}

if (import.meta.main) await build(resolve(process.argv[2] ?? join(root, 'dist')))
