import { readConfig } from '@taskwire/api/config'
import { LIMITS } from '@taskwire/contract'

// The service as a process that says for how long its event loop was held; with WITHOUT_BOUNDS as it would be
// without limits on what JSON and text are made of.

const EVERY_MS = 2

/** Milliseconds of processor time between two turns of the event loop: what other processes take is not in it. */
let [most, last] = [0, process.threadCpuUsage()]
setInterval(() => {
  const { user, system } = process.threadCpuUsage(last)
  last = process.threadCpuUsage()
  most = Math.max(most, (user + system) / 1000)
}, EVERY_MS).unref()

if (process.env['WITHOUT_BOUNDS'] === 'true')
  Object.assign(LIMITS, { marksInARow: Infinity, values: Infinity, fields: Infinity })
const { createService } = await import('@taskwire/api/service')
const service = await createService({
  config: readConfig(process.env),
  say: (line) => process.stderr.write(`${line}\n`),
})
await service.prepared
process.on('message', (message) => {
  if (message === 'stop') return void service.close().then(() => process.disconnect?.())
  process.send?.(most)
  most = 0
})
process.stderr.write(`Taskwire is at ${await service.listen()}\n`)
