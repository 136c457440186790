import { type Config, ConfigError, readConfig } from './config.ts'
import { createService } from './service.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

function fail(error: unknown): never {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  // A wrong setting needs words and no stack.
  process.stderr.write(
    `${error instanceof ConfigError ? error.message : code === 'EADDRINUSE' ? inUse() : String(error instanceof Error ? error.stack : error)}\n`,
  )
  process.exit(1)
}

let config: Config
try {
  config = readConfig(process.env)
} catch (error) {
  fail(error)
}
const inUse = (): string =>
  `Port ${config.port} is in use on ${config.host}: stop what listens there, or set PORT to another.`

const service = await createService({ config, say }).catch(fail)
let closing = false
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (closing) process.exit(1)
    closing = true
    say(`Finishing what is under way (${signal}); again to stop at once`)
    const late = setTimeout(() => process.exit(1), 10_000)
    late.unref()
    service.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    )
  })

service.prepared.catch(async (error: unknown) => {
  if (closing) return
  await service.close()
  fail(error)
})
// With the embedded database, and with one that answers, the first call finds it ready.
await Promise.race([service.prepared.catch(() => {}), new Promise((resolve) => setTimeout(resolve, 2000).unref())])
const address = await service.listen().catch(async (error: unknown) => {
  await service.close()
  fail(error)
})
say(`
Taskwire is at ${address}

  npm run -s taskwire -- sign-up you@example.com     make an account, from another terminal
  npm run -s taskwire -- add "Buy milk"              and a task

  TypeScript: import { createClient } from '@taskwire/client' (README.md); Ctrl-C stops the service.
`)
