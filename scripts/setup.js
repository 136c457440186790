// Installs the packages of the lockfile, unless they are installed already: then no registry is needed.
// This is JavaScript, because the machine's own Node runs it, which may not read TypeScript.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const PNPM = 'pnpm@12.21.0'

/** Whether pnpm has finished an install of this lockfile. */
function isInstalled() {
  // pnpm writes the copy of the lockfile after it has linked the packages, and the state at the very end.
  const copy = join(root, 'node_modules/.pnpm/lock.yaml')
  const state = join(root, 'node_modules/.pnpm-workspace-state-v1.json')
  return (
    existsSync(state) &&
    existsSync(copy) &&
    readFileSync(copy, 'utf8') === readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')
  )
}

if (!isInstalled()) {
  const { status, error } = spawnSync('npx', ['-y', PNPM, 'install', '--frozen-lockfile'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // `npm run -s` would also silence the errors of npx. By default, npm waits 10 seconds or more between attempts.
    env: { ...process.env, npm_config_loglevel: 'error', npm_config_fetch_retry_mintimeout: '1000' },
  })
  if (status !== 0) {
    const reason = error === undefined ? `npx ${PNPM} exited with ${status}; see its output above` : error.message
    const registry = process.env['npm_config_registry'] ?? 'https://registry.npmjs.org/'
    console.error(`
The packages of pnpm-lock.yaml are not all installed, and could not be installed: ${reason}.
Installing needs the registry ${registry} (npm config set registry URL names another).
Once they are installed, Taskwire starts without a network.`)
    process.exit(1)
  }
}
