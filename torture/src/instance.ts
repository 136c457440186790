import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { type Main, startMain } from '@taskwire/api/process-testing'
import { type Client, createClient } from '@taskwire/client'
import type { User } from './server.ts'

/** One process of the service, on a port that stays the same when it is started again. */
export interface Instance extends AsyncDisposable {
  readonly port: number
  readonly url: string
  /** Starts it; resolves when it takes calls. */
  start(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
  /** SIGTERM; gives the exit code, or the signal that ended it, and how long it took. */
  stop(): Promise<{ code: number | NodeJS.Signals | null; ms: number }>
  /** What it said and logged since it was started last. */
  said(): string
}

export async function startInstance(settings: Record<string, string>, port?: number): Promise<Instance> {
  const own = port ?? (await freePort())
  let main: Main | undefined
  const instance: Instance = {
    port: own,
    url: `http://127.0.0.1:${own}`,
    async start() {
      main = startMain({ cwd: tmpdir(), env: { ...settings, PORT: String(own) } })
      await main.url()
    },
    async kill() {
      await main?.end('SIGKILL')
    },
    async stop() {
      const began = performance.now()
      const code = (await main?.end('SIGTERM')) ?? null
      return { code, ms: performance.now() - began }
    },
    said: () => `${main?.said() ?? ''}${main?.log() ?? ''}`,
    async [Symbol.asyncDispose]() {
      await main?.[Symbol.asyncDispose]()
    },
  }
  await instance.start()
  return instance
}

const handedOut = new Set<number>()

/** A port that nobody has, from below those that the system hands out: free still when it is taken again. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000)
    const server = createServer()
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    // Free is also what another instance is about to take.
    if (!free || handedOut.has(port)) continue
    handedOut.add(port)
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}

/** A client for what an experiment itself wants to know: it waits, and tries until it is told. */
export function patientClientOf(url: string, { token }: User): Client {
  return createClient({ url, token, timeoutMs: 60_000, retry: { tries: 20 } })
}

/** A client that tries once: the experiments count each try. */
export function clientOf(url: string, { token }: User, timeoutMs = 6000): Client {
  return createClient({ url, token, timeoutMs, retry: { tries: 1 } })
}
