import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { type ServiceProcess, startServiceProcess } from '@taskwire/api/process-testing'
import { type Client, createClient } from '@taskwire/client'
import type { User } from './server.ts'

/** A process of the service. A restart uses the same port. */
export interface Instance extends AsyncDisposable {
  readonly port: number
  readonly url: string
  /** Starts the process; resolves when it accepts calls. */
  start(): Promise<void>
  /** Sends SIGKILL. */
  kill(): Promise<void>
  /** Sends SIGTERM; returns the exit code, or the signal that ended the process, and the milliseconds it took. */
  stop(): Promise<{ code: number | NodeJS.Signals | null; ms: number }>
  /** Returns the output and log of the process since its last start. */
  output(): string
}

export async function startInstance(settings: Record<string, string>, port?: number): Promise<Instance> {
  const ownPort = port ?? (await freePort())
  let main: ServiceProcess | undefined
  const instance: Instance = {
    port: ownPort,
    url: `http://127.0.0.1:${ownPort}`,
    async start() {
      main = startServiceProcess({ cwd: tmpdir(), env: { ...settings, PORT: String(ownPort) } })
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
    output: () => `${main?.stderr() ?? ''}${main?.log() ?? ''}`,
    async [Symbol.asyncDispose]() {
      await main?.[Symbol.asyncDispose]()
    },
  }
  await instance.start()
  return instance
}

const usedPorts = new Set<number>()

/** Returns a free port below the ephemeral range, so that no other process gets it while the instance is down. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    // A port may be free only because the instance that it was given to does not listen yet.
    if (!isFree || usedPorts.has(port)) continue
    usedPorts.add(port)
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}

/** A client that waits and retries, for the calls that the experiment makes to check results. */
export function patientClientOf(url: string, { token }: User): Client {
  return createClient({ url, token, timeoutMs: 60_000, retry: { attempts: 20 } })
}

/** A client without retries: the experiments count each attempt. */
export function clientOf(url: string, { token }: User, timeoutMs = 6000): Client {
  return createClient({ url, token, timeoutMs, retry: { attempts: 1 } })
}
