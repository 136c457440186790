import { readConfig } from '@taskwire/api/config'
import { LIMITS } from '@taskwire/contract'

// The service as a process that measures how long its event loop is blocked. WITHOUT_BOUNDS=true removes the limits
// on the structure of JSON and text (the negative control of the experiment bombs).

const EVERY_MS = 2

/** The longest CPU time, in milliseconds, between two iterations of the event loop. Other processes do not count. */
let [longestMs, last] = [0, process.threadCpuUsage()]
setInterval(() => {
  const { user, system } = process.threadCpuUsage(last)
  last = process.threadCpuUsage()
  longestMs = Math.max(longestMs, (user + system) / 1000)
}, EVERY_MS).unref()

if (process.env['WITHOUT_BOUNDS'] === 'true')
  Object.assign(LIMITS, { marksInARow: Infinity, values: Infinity, fields: Infinity })
const { createService } = await import('@taskwire/api/service')
const service = await createService({
  config: readConfig(process.env),
  report: (line) => process.stderr.write(`${line}\n`),
})
await service.prepared
process.on('message', (message) => {
  if (message === 'stop') return void service.close().then(() => process.disconnect?.())
  process.send?.(longestMs)
  longestMs = 0
})
process.stderr.write(`Taskwire is at ${await service.listen()}\n`)
