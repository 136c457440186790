import { setTimeout as pause } from 'node:timers/promises'
import { destination } from 'pino'
import { ConfigError, readConfig } from '../config.ts'
import { fail, say } from './exit.ts'
import { createService, type Service } from '../service.ts'
import type { Signal } from './signals.ts'
import { defaultUrl } from '../http/origins.ts'
import { joinWorkers, onStop } from './worker.ts'

// Several lines in one write, within a tenth of a second, and at the end what is left. Of no more than a pipe takes
// as one piece: other processes write to it too.
const logStream = destination({ sync: false, minLength: 3072, maxWrite: 4096, periodicFlush: 100 })

const worker = joinWorkers()
// One speaks for all.
const tell = worker === undefined || worker.first ? say : () => {}
let service: Service | undefined
let stopping = false

/** Until the service is told to stop, or cannot go on. */
async function serve(): Promise<void> {
  onStop(stop)
  const config = readConfig(process.env)
  service = await createService({ config, logStream, say: tell, figures: worker?.figures })

  // With a database that answers, the embedded one for instance, the first call finds it ready.
  await Promise.race([service.prepared, pause(2000)])
  if (stopping) return
  const address = await service.listen().catch((error: unknown) => {
    throw notListening(error, config)
  })
  const url = defaultUrl(config.host, config.port || Number(new URL(address).port))
  // What the command line calls when it is told nothing.
  const elsewhere = url === 'http://localhost:4000' ? '' : `TASKWIRE_URL=${url} `
  tell(`
Taskwire is at ${url}

  ${elsewhere}npm run -s taskwire -- sign-up you@example.com     make an account, from another terminal
  ${elsewhere}npm run -s taskwire -- add "Buy milk"              and a task

  TypeScript: import { createClient } from '@taskwire/client' (README.md); Ctrl-C stops the service.
`)
  await service.prepared
  worker?.ready()
}

function stop(signal: Signal): void {
  stopping = true
  if (worker === undefined) say(`Finishing what is under way (${signal}); again to stop at once`)
  // An orchestrator sends SIGTERM, and its balancer is to hear of it first; a terminal sends SIGINT.
  const stopped = signal === 'SIGTERM' ? service?.stop() : service?.close()
  // Before there is a service there is nothing to finish.
  Promise.resolve(stopped).then(
    () => process.exit(0),
    (error: unknown) => fail(error),
  )
}

function notListening(error: unknown, { host, port }: { host: string; port: number }): unknown {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  switch (code) {
    case 'EADDRINUSE':
      return new ConfigError(`Port ${port} is in use on ${host}: stop what listens there, or set PORT to another.`)
    case 'EACCES':
      return new ConfigError(`This user may not listen on port ${port}: set PORT to one above 1023.`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ConfigError(
        `HOST ${host} is no address of this machine: use 127.0.0.1 for this machine alone, 0.0.0.0 for all that reach it.`,
      )
    default:
      return error
  }
}

serve().catch(async (error: unknown) => {
  // Told to stop, it gives up waiting for the database: nothing is wrong.
  if (stopping) return
  await service?.close()
  fail(error)
})
