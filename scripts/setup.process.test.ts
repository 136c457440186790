import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

/** Runs the setup with a registry that does not answer and without anything in npm's cache. */
function setUp(cwd: string, cache: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '-s', 'setup'], {
    cwd,
    env: {
      PATH: process.env['PATH'],
      npm_config_cache: cache,
      // Port 9 belongs to the service "discard", which no machine runs any more.
      npm_config_registry: 'http://127.0.0.1:9/',
      npm_config_fetch_retries: '0',
    },
    encoding: 'utf8',
  })
  return { status, output: stdout + stderr }
}

test('with the packages installed, the setup needs no registry', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'taskwire-setup-'))
  expect(setUp(root, cache)).toEqual({ status: 0, output: '' })
  await rm(cache, { recursive: true })
})

test('with neither packages nor a registry, the setup says what is wrong and what to do', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-setup-'))
  for (const file of ['package.json', 'pnpm-lock.yaml', 'scripts/setup.js'])
    await cp(join(root, file), join(directory, file))
  const { status, output } = setUp(directory, join(directory, 'cache'))
  expect(status).toBe(1)
  expect(output).toContain('ECONNREFUSED')
  expect(output).toMatch(
    /could not be installed: .*\.\nInstalling needs the registry http:\/\/127\.0\.0\.1:9\/ \(npm config set/,
  )
  await rm(directory, { recursive: true })
})
