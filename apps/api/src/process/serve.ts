import { setTimeout as pause } from 'node:timers/promises'
import { destination } from 'pino'
import { ConfigError, readConfig } from '../config.ts'
import { fail, printLine } from './exit.ts'
import { createService, type Service } from '../service.ts'
import { onFirstSignal, type Signal } from './signals.ts'
import { defaultUrl } from '../http/origins.ts'

// Buffers lines for at most a tenth of a second. Writes no more at once than a pipe accepts atomically, since other
// processes may write to the same pipe.
const logStream = destination({ sync: false, minLength: 3072, maxWrite: 4096, periodicFlush: 100 })

let service: Service | undefined
let isStopping = false

/** Whether this runs from the source: a build has no npm scripts to suggest. */
const isCheckout = import.meta.url.endsWith('.ts')

/** Starts the service. Rejects if it cannot start. */
async function serve(): Promise<void> {
  onFirstSignal(stop)
  const config = readConfig(process.env)
  service = await createService({ config, logStream, report: printLine })

  // A database that is up, as the embedded one is, is verified before the service starts to listen.
  await Promise.race([service.prepared, pause(2000)])
  if (isStopping) return
  const address = await service.listen().catch((error: unknown) => {
    throw notListening(error, config)
  })
  const url = defaultUrl(config.host, config.port || Number(new URL(address).port))
  // The command line uses this URL by default.
  const urlSetting = url === 'http://localhost:4000' ? '' : `TASKWIRE_URL=${url} `
  const commands = `
  ${urlSetting}npm run -s taskwire -- sign-up you@example.com     creates an account (run it in another terminal)
  ${urlSetting}npm run -s taskwire -- add "Buy milk"              adds a task
`
  printLine(`
Taskwire is at ${url}
Open it in a browser, and create an account.
${isCheckout ? commands : ''}
  TypeScript: import { createClient } from '@taskwire/client'; Ctrl-C stops the service.
`)
  await service.prepared
}

function stop(signal: Signal): void {
  isStopping = true
  printLine(`Finishing the requests in progress (${signal}); send the signal again to stop at once`)
  // SIGTERM comes from an orchestrator, whose load balancer needs time to notice; SIGINT comes from a terminal.
  const stopped = signal === 'SIGTERM' ? service?.stop() : service?.close()
  // Without a service there is nothing to finish.
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
      return new ConfigError(`This user may not listen on port ${port}: set PORT to a number above 1023.`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ConfigError(
        `HOST ${host} is not an address of this machine: use 127.0.0.1 for connections from this machine only, or 0.0.0.0 for all.`,
      )
    default:
      return error
  }
}

serve().catch(async (error: unknown) => {
  // A stop while the service waits for the database is not an error.
  if (isStopping) return
  await service?.close()
  fail(error)
})
