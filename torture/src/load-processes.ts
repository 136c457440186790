import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { settingsFor } from '@taskwire/api/process-testing'
import type { TestDatabase } from '@taskwire/db/testing'
import type { Load, LoadResult } from './load.ts'

export interface Service extends AsyncDisposable {
  port: number
}

/** Starts the service in a process of its own. `variant` names a program of this directory to start instead. */
export async function startProgram(database: TestDatabase, variant?: string): Promise<Service> {
  const { PATH, HOME } = process.env
  const program =
    variant === undefined
      ? new URL('main.ts', import.meta.resolve('@taskwire/api/service')).href
      : new URL(variant, import.meta.url).href
  const child = spawn(process.execPath, [fileURLToPath(program)], {
    env: {
      PATH,
      HOME,
      PORT: '0',
      RATE_LIMIT_PER_MINUTE: '10000000',
      LOG_LEVEL: 'error',
      WARM_UP: 'false',
      ...settingsFor(database),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let output = ''
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
    const port = /Taskwire is at http:\/\/[^:]+:(\d+)/.exec(output)?.[1]
    if (port !== undefined) resolve(Number(port))
  })
  child.once('exit', () => reject(new Error(`The service ended before it was ready: ${output}`)))
  return { port: await promise, [Symbol.asyncDispose]: async () => await end(child) }
}

export interface Generator extends AsyncDisposable {
  run(load: Load): Promise<LoadResult>
}

/** Starts a load generator as a process of its own. */
export function startGenerator(): Generator {
  const child = fork(fileURLToPath(new URL('load.ts', import.meta.url)))
  return {
    async run(load) {
      child.send(load)
      const [result] = (await once(child, 'message')) as [LoadResult]
      return result
    },
    [Symbol.asyncDispose]: async () => await end(child),
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
