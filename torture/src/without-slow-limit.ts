import { readConfig } from '@taskwire/api/config'
import { createService } from '@taskwire/api/service'

// The service as it would be if slow calls ran as they come: the negative control of the experiment slow-callers.
const service = await createService({ config: readConfig(process.env), limitsSlow: false })
await service.prepared
process.stderr.write(`Taskwire is at ${await service.listen()}\n`)
