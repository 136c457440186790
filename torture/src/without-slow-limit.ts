import { readConfig } from '@taskwire/api/config'
import { createService } from '@taskwire/api/service'

// The service without a limit on slow calls: the negative control of the experiment slow-callers.
const service = await createService({ config: readConfig(process.env), limitsSlowCalls: false })
await service.prepared
process.stderr.write(`Taskwire is at ${await service.listen()}\n`)
