import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCE = fileURLToPath(new URL('subjects/nest', import.meta.url))
const BUILT = fileURLToPath(new URL('../.build/nest', import.meta.url))

/** Builds the peer nest as `nest build` would: Node cannot run its decorators. */
export function buildNest(): void {
  const newest = Math.max(...readdirSync(SOURCE).map((name) => statSync(join(SOURCE, name)).mtimeMs))
  const main = join(BUILT, 'main.js')
  if (existsSync(main) && statSync(main).mtimeMs > newest) return
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', SOURCE], { encoding: 'utf8' })
  if (status !== 0)
    throw new Error(`The peer nest does not build: ${stdout}${stderr}\nFix it, or leave it out with --subject.`)
}
