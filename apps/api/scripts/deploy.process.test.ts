import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { CONTRACT_VERSION } from '@taskwire/contract'
import { parseAddress } from '@taskwire/db'
import { createTestDatabase } from '@taskwire/db/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { ADDRESSES, environment } from '../src/config.ts'
import { startPostgres } from '../src/testing/process.ts'
import { build } from './build.ts'

// Runs the steps of the files in deploy/, as far as possible without a container engine, Kubernetes or a running
// systemd.

const deploy = join(import.meta.dirname, '../../../deploy')
const read = async (name: string): Promise<string> => await readFile(join(deploy, name), 'utf8')
const SETTINGS = new Set<string>([...Object.keys(environment.shape), ...ADDRESSES])

const scratch = await mkdtemp(join(tmpdir(), 'taskwire-deploy-'))
const postgres = await startPostgres()
afterAll(async () => {
  await postgres[Symbol.asyncDispose]()
  await rm(scratch, { recursive: true })
})

/** Moves the container's paths into the scratch directory. */
const inScratch = (text: string): string =>
  text.replaceAll(/(?<![\w.])\/(srv\/taskwire|usr\/local\/bin|settings)\b/g, `${scratch}/$1`)
const PATH = [join(scratch, 'usr/local/bin'), dirname(process.execPath), process.env['PATH']].join(delimiter)
const sh = (command: string, env: Record<string, string> = {}): string =>
  execFileSync('sh', ['-c', inScratch(command)], { env: { PATH, ...env }, encoding: 'utf8' })

/** Starts the command in the service's directory, waits until it is ready, sends SIGTERM, and returns the exit code. */
async function serve(argv: readonly string[], env: Record<string, string>): Promise<number | null> {
  const [program = '', ...args] = argv.map(inScratch)
  const child = spawn(program, args, {
    cwd: join(scratch, 'srv/taskwire'),
    env: { PATH, ...env, PORT: '0', WARM_UP: 'false' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = once(child, 'exit')
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
      const [, found] = /Taskwire is at (\S+)/.exec(output) ?? []
      if (found !== undefined) resolve(found)
    })
    child.once('exit', (code) => reject(new Error(`Exited with ${code}: ${output}`)))
  })
  expect((await fetch(`${url}/health/ready`)).status).toBe(200)
  child.kill('SIGTERM')
  await exited
  return child.exitCode
}

interface Compose {
  services: Record<
    'database' | 'setup' | 'taskwire',
    {
      environment: Record<string, string>
      command: string[]
      healthcheck: { test: string[] }
      stop_grace_period: string
    }
  >
}
let compose: Compose
let dockerfile: [instruction: string, rest: string][]

beforeAll(async () => {
  // The file has this shape, and the tests read nothing else from it.
  compose = parse(await read('compose.yaml')) as Compose
  const lines = (await read('Dockerfile')).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  dockerfile = lines.map((line) => {
    const [, instruction = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? []
    return [instruction, rest]
  })
  await build(join(scratch, 'src/dist'))
  await mkdir(join(scratch, 'srv'))
  await mkdir(join(scratch, 'usr/local/bin'), { recursive: true })
})

const stepsOf = (name: string): string[] => dockerfile.filter(([step]) => step === name).map(([, rest]) => rest)

test('the steps of the Dockerfile make an image that serves and has the commands of the operator', async () => {
  expect(stepsOf('FROM')).toEqual(['node:24-slim AS build', 'node:24-slim'])
  expect(stepsOf('COPY')).toEqual(['. .', '--from=build /src/dist .'])
  await cp(join(scratch, 'src/dist'), join(scratch, 'srv/taskwire'), { recursive: true })
  const [npmBuild = '', ...steps] = stepsOf('RUN')
  const scripts = JSON.parse(await readFile(join(deploy, '../package.json'), 'utf8')) as { scripts: object }
  expect(npmBuild).toBe('npm run -s build')
  expect(scripts.scripts).toHaveProperty('build')
  // This machine may lack the user `node`.
  for (const step of steps) sh(step.replace('-o node -g node', ''))
  expect(sh('taskwire-server --version')).toBe(`${CONTRACT_VERSION}\n`)

  await using database = await createTestDatabase()
  const env = {
    DATABASE_URL: database.url('taskwire_app'),
    DATABASE_AUTH_URL: database.url('taskwire_auth'),
    TASKWIRE_SECRET: 'x'.repeat(32),
  }
  const image = stepsOf('ENV').flatMap((line) => line.split(' ').map((pair) => pair.split('=')))
  expect(image.map(([name = '']) => name).filter((name) => !SETTINGS.has(name))).toEqual([])
  const [command = ''] = stepsOf('CMD')
  // CMD is in its exec form, so that Node itself receives the signals, not a shell.
  expect(await serve(JSON.parse(command) as string[], { ...Object.fromEntries(image), ...env })).toBe(0)
})

test('the Kubernetes manifest probes both health checks, names settings that exist, and gives pods time to stop', async () => {
  const documents = parseAllDocuments(await read('kubernetes.yaml'))
  expect(documents.flatMap(({ errors }) => errors)).toEqual([])
  const text = await read('kubernetes.yaml')
  expect([...text.matchAll(/path: (\S+),/g)].map(([, path]) => path)).toEqual(['/health/live', '/health/ready'])
  const named = [...text.matchAll(/name: ([A-Z_]+), value: '?([^'}\s]+)/g)].map(([, name = '', value = '']) => [
    name,
    value,
  ])
  expect(named.map(([name = '']) => name).filter((name) => !SETTINGS.has(name))).toEqual([])
  expect(environment.safeParse(Object.fromEntries(named)).error).toBeUndefined()
  const grace = Number(Object.fromEntries(named)['SHUTDOWN_GRACE_MS']) / 1000
  const period = Number(/terminationGracePeriodSeconds: (\d+)/.exec(text)?.[1])
  expect(period).toBeGreaterThan(grace + 10)
  expect(text).toMatch(/args: \[taskwire-admin, migrate\]/)
  expect(sh('taskwire-admin --help')).toMatch(/^ {2}migrate /m)
})

const hasVerify = spawnSync('systemd-analyze', ['--version']).status === 0

test.skipIf(!hasVerify)(
  `systemd accepts the unit${hasVerify ? '' : ' (skipped: systemd-analyze is not installed)'}, and its command serves`,
  async () => {
    const unit = await read('taskwire@.service')
    const valueOf = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? ''
    const instance = join(scratch, 'taskwire@4001.service')
    await symlink(process.execPath, join(scratch, 'node'))
    await writeFile(instance, inScratch(unit).replace('/usr/bin/node', join(scratch, 'node')))
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', instance], { encoding: 'utf8' })
    // systemd-analyze also reports other units of this machine.
    expect({ status, stderr: stderr.split('\n').filter((line) => line.includes('taskwire')) }).toEqual({
      status: 0,
      stderr: [],
    })
    const named = valueOf('Environment')
      .split(' ')
      .map((pair) => pair.split('='))
    expect(named.map(([name = '']) => name).filter((name) => !SETTINGS.has(name))).toEqual([])
    const grace = Number(Object.fromEntries(named)['SHUTDOWN_GRACE_MS']) / 1000
    expect(Number(valueOf('TimeoutStopSec'))).toBeGreaterThan(grace + 10)

    await using database = await createTestDatabase()
    const env = {
      DATABASE_URL: database.url('taskwire_app'),
      DATABASE_AUTH_URL: database.url('taskwire_auth'),
      TASKWIRE_SECRET: 'x'.repeat(32),
    }
    expect(await serve(valueOf('ExecStart').replace('/usr/bin/node', process.execPath).split(' '), env)).toBe(0)
  },
)

// Runs last, since it changes the passwords of the PostgreSQL server's logins.
test('compose creates the roles once, and serves with the settings in its volume', async () => {
  await using database = await createTestDatabase()
  const { setup, taskwire } = compose.services
  const { host, port, user, password } = database.admin
  const ADMINISTRATOR = `postgres://${user}:${password}@${host}:${port}/${database.name}`
  expect(setup.environment['ADMINISTRATOR']).toMatch(
    /^postgres:\/\/postgres:\$\{POSTGRES_PASSWORD\}@database:5432\/taskwire$/,
  )
  const argv = (command: string[]): string => command.at(-1)?.replaceAll('$$', '$') ?? ''
  sh(argv(setup.command), { ADMINISTRATOR })
  const settings = await readFile(join(scratch, 'settings/env'), 'utf8')
  sh(argv(setup.command), { ADMINISTRATOR })
  expect(await readFile(join(scratch, 'settings/env'), 'utf8')).toBe(settings)
  expect(
    settings
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0] ?? '')
      .filter((name) => !SETTINGS.has(name)),
  ).toEqual([])
  expect(parseAddress('DATABASE_URL', /^DATABASE_URL=(.*)$/m.exec(settings)?.[1] ?? '').database).toBe(database.name)

  expect(Object.keys(taskwire.environment).filter((name) => !SETTINGS.has(name))).toEqual([])
  expect(await serve(taskwire.command, {})).toBe(0)
  expect(taskwire.healthcheck.test.join(' ')).toContain('/health/ready')
})
