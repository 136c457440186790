import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { signUpAt, temporaryDirectory } from './testing/process.ts'

const root = join(import.meta.dirname, '../../..')

interface Started extends AsyncDisposable {
  child: ChildProcess
  url(): Promise<string>
}

/** Starts the service in the project's directory, in a process group of its own, on the embedded database. */
function start(argv: readonly string[], directory: string): Started {
  const [program = '', ...args] = argv
  const child = spawn(program, args, {
    cwd: root,
    detached: true,
    env: {
      PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
      HOME: process.env['HOME'],
      PORT: '0',
      TASKWIRE_DIRECTORY: directory,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  promise.catch(() => {})
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
      const url = /Taskwire is at (\S+)/.exec(output)?.[1]
      if (url !== undefined) resolve(url)
    })
  const closed = once(child, 'close').then(() => reject(new Error(`The service exited before it was ready: ${output}`)))
  return {
    child,
    url: async () => await promise,
    async [Symbol.asyncDispose]() {
      signalGroup(child, 'SIGKILL')
      await closed
    },
  }
}

/** Sends the signal (0: none) to the process group. Returns false if the group has no process left. */
function signalGroup({ pid = 0 }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}

/** Sends the signal, and returns the exit code, or the signal that ended the process. */
async function exitOf({ child }: Started, sendSignal: () => unknown): Promise<unknown> {
  const exited = once(child, 'exit')
  sendSignal()
  const [code, signal] = (await exited) as [number | null, NodeJS.Signals | null]
  return code ?? signal
}

const NPM_START = ['npm', 'start', '--ignore-scripts']
const NPM_DEV = ['npm', 'run', 'dev', '--ignore-scripts']

describe.each([
  { way: 'npm start', argv: NPM_START },
  { way: 'npm run dev', argv: NPM_DEV },
])('$way', ({ argv }) => {
  test.each([
    { what: 'SIGTERM', sendSignal: ({ child }: Started) => child.kill('SIGTERM') },
    // Every process of the group receives the signal, and npm also forwards it to the service.
    { what: 'Ctrl-C', sendSignal: ({ child }: Started) => signalGroup(child, 'SIGINT') },
  ])('on $what, the service exits with 0, and no process is left', async ({ sendSignal }) => {
    await using directory = await temporaryDirectory()
    await using started = start(argv, directory.path)
    await signUpAt(await started.url())
    expect(await exitOf(started, () => sendSignal(started))).toBe(0)
    expect(signalGroup(started.child, 0)).toBe(false)
    expect(existsSync(join(directory.path, 'data/postmaster.pid'))).toBe(false)
  })
})

// Like `docker run` without --init.
const CONTAINER = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child', '--']
const isImpossible = spawnSync(CONTAINER[0] ?? '', [...CONTAINER.slice(1), 'true']).status !== 0

describe.skipIf(isImpossible)(
  `as the first process of a container${isImpossible ? ' (skipped: needs root on Linux)' : ''}`,
  () => {
    test.each([
      { way: 'node, in the exec form', argv: ['node', 'apps/api/src/main.ts'] },
      { way: 'npm start', argv: NPM_START },
    ])('$way: on SIGTERM, the service exits with 0', async ({ argv }) => {
      await using directory = await temporaryDirectory()
      await using started = start([...CONTAINER, ...argv], directory.path)
      await signUpAt(await started.url())
      const outside = String(started.child.pid)
      const first = Number(readFileSync(`/proc/${outside}/task/${outside}/children`, 'utf8'))
      expect(readFileSync(`/proc/${first}/status`, 'utf8')).toMatch(/^NSpid:\t\d+\t1$/m)
      // unshare exits with the code of its child.
      expect(await exitOf(started, () => process.kill(first, 'SIGTERM'))).toBe(0)
      expect(existsSync(join(directory.path, 'data/postmaster.pid'))).toBe(false)
    })
  },
)
