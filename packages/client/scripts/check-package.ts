// For use before a release: packs the contract, the client and the test kit as they would be published, checks the
// archives with publint and @arethetypeswrong/cli, and installs the contract and the client in a host that has neither
// tRPC nor zod.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { COMPILERS, tsc } from './tsc.ts'
import { PAGE, QUERIES_PAGE, STORE_PAGE } from './type-cost.ts'

const client = join(import.meta.dirname, '..')
const host = mkdtempSync(join(tmpdir(), 'taskwire-pack-'))

// tRPC's package for TanStack Query needs tRPC's other packages in the same version.
const QUERIES = ['react', '@types/react', '@tanstack/react-query']
const TRPC = ['client', 'server', 'tanstack-react-query'].map((name) => `@trpc/${name}@11.22.1`)

function run(directory: string, program: string, ...args: string[]): void {
  execFileSync(program, args, { cwd: directory, stdio: 'inherit' })
}

function install(...packages: string[]): void {
  run(host, 'npm', 'install', '--no-audit', '--no-fund', ...packages)
}

function importEntry(entry: string): void {
  run(host, process.execPath, '--input-type=module', '--eval', `await import('@taskwire/client${entry}')`)
}

/** Type-checks a page of the host by each compiler and resolution. */
async function checkTypes(page: string, skipLibCheck: boolean): Promise<void> {
  writeFileSync(join(host, 'page.ts'), page)
  for (const [module, moduleResolution] of [
    ['esnext', 'bundler'],
    ['node16', 'node16'],
  ]) {
    const options = { target: 'es2022', lib: ['es2022', 'dom'], types: [], strict: true, noEmit: true }
    const compilerOptions = { ...options, module, moduleResolution, skipLibCheck }
    writeFileSync(join(host, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['page.ts'] }))
    for (const compiler of COMPILERS) await tsc(['-p', host], compiler)
  }
}

try {
  for (const name of ['contract', 'client', 'testing'])
    run(join(client, '..', name), 'npx', '-y', 'pnpm@12.21.0', 'pack', '--pack-destination', host)
  const archives = readdirSync(host)
  for (const archive of archives) {
    run(host, join(client, 'node_modules/.bin/publint'), '--strict', archive)
    // The packages are ES modules only: CommonJS is not checked.
    run(host, join(client, 'node_modules/.bin/attw'), '--profile', 'esm-only', archive)
  }
  writeFileSync(join(host, 'package.json'), JSON.stringify({ type: 'module', private: true }))
  // The test kit needs a build of the service; its own tests install it.
  install(...archives.filter((archive) => !archive.includes('testing')).map((archive) => `./${archive}`))
  // Also checks the declarations of every package that the page uses.
  await checkTypes(PAGE, false)
  for (const entry of ['', '/id-for', '/router', '/store']) importEntry(entry)
  install(...QUERIES, ...TRPC)
  await checkTypes(PAGE, false)
  await checkTypes(STORE_PAGE, false)
  // tRPC's declarations need the types of Node and of `ws`.
  await checkTypes(QUERIES_PAGE, true)
  for (const entry of ['/react', '/tanstack']) importEntry(entry)
} finally {
  rmSync(host, { recursive: true })
}
