import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A service in a process of its own, whose event loop is watched. */
export interface Watched extends AsyncDisposable {
  url: string
  /** For how long its event loop was held at most since this was last asked, in milliseconds of processor time. */
  heldMs(): Promise<number>
  /** What it logged and said. */
  log(): string
  /** False once it has ended. */
  isRunning(): boolean
  /** Stops it; gives its exit code, or the signal that ended it. */
  end(): Promise<number | NodeJS.Signals | null>
}

export async function startWatched(env: Record<string, string>, { bounded = true } = {}): Promise<Watched> {
  const { PATH, HOME, TMPDIR } = process.env
  const inherited = Object.entries({ PATH, HOME, TMPDIR }).filter(([, value]) => value !== undefined)
  const child = fork(fileURLToPath(new URL('watched-service.ts', import.meta.url)), {
    env: { ...Object.fromEntries(inherited), PORT: '0', ...env, WITHOUT_BOUNDS: String(!bounded) },
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
  void ended.then(() => reject(new Error(`The service ended: ${log}`)))
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null
  const watched = {
    url: await listening,
    async heldMs() {
      child.send('held')
      const [most] = (await once(child, 'message')) as [number]
      return most
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
