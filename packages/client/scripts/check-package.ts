// Before a release: packs the contract and the client as they would be published, and checks the archives with publint
// and @arethetypeswrong/cli. Both run by npx, so that not every install downloads them.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFrontEnd } from './front-end.ts'
import { PAGE } from './type-cost.ts'

const packages = join(import.meta.dirname, '../..')
const archives = mkdtempSync(join(tmpdir(), 'taskwire-pack-'))

function npx(directory: string, ...args: string[]): void {
  execFileSync('npx', ['-y', ...args], { cwd: directory, stdio: 'inherit' })
}

try {
  for (const name of ['contract', 'client'])
    npx(join(packages, name), 'pnpm@12.21.0', 'pack', '--pack-destination', archives)
  for (const archive of readdirSync(archives)) {
    npx(archives, 'publint@0.3.25', '--strict', archive)
    // The packages are ES modules only: CommonJS is not checked.
    npx(archives, '@arethetypeswrong/cli@0.18.5', '--profile', 'esm-only', archive)
  }
} finally {
  rmSync(archives, { recursive: true })
}

await using frontEnd = await createFrontEnd()
// With every declaration file checked too, including tRPC's and zod's.
await frontEnd.check(PAGE, { skipLibCheck: false, lib: ['esnext', 'dom', 'dom.iterable'] })
