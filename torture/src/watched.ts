import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** The service in a process of its own that measures its event loop. */
export interface Watched extends AsyncDisposable {
  url: string
  /** The longest time that the event loop was blocked since the last call, in milliseconds of CPU time. */
  blockedMs(): Promise<number>
  /** Its output and log. */
  log(): string
  /** Returns false once the process has ended. */
  isRunning(): boolean
  /** Stops the process; returns its exit code, or the signal that ended it. */
  end(): Promise<number | NodeJS.Signals | null>
}

export async function startWatched(env: Record<string, string>, { hasLimits = true } = {}): Promise<Watched> {
  const { PATH, HOME, TMPDIR } = process.env
  const inherited = Object.entries({ PATH, HOME, TMPDIR }).filter(([, value]) => value !== undefined)
  const child = fork(fileURLToPath(new URL('watched-service.ts', import.meta.url)), {
    env: { ...Object.fromEntries(inherited), PORT: '0', ...env, WITHOUT_BOUNDS: String(!hasLimits) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let log = ''
  const { promise: listening, resolve, reject } = Promise.withResolvers<string>()
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (log += chunk))
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk
    const url = /Taskwire is at (\S+)/.exec(chunk)?.[1]
    if (url !== undefined) resolve(url)
  })
  const ended = once(child, 'close')
  void ended.then(() => reject(new Error(`The service ended before it was ready: ${log}`)))
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null
  const watched = {
    url: await listening,
    async blockedMs() {
      child.send('blocked')
      const [longestMs] = (await once(child, 'message')) as [number]
      return longestMs
    },
    log: () => log,
    isRunning,
    async end() {
      if (isRunning()) child.send('stop')
      await ended
      return child.exitCode ?? child.signalCode
    },
    async [Symbol.asyncDispose]() {
      if (isRunning()) child.kill('SIGKILL')
      await ended
    },
  }
  return watched
}
