import { readConfig } from '@taskwire/api/config'
import { createService } from '@taskwire/api/service'

// The service without admission control: the negative control of the experiment overload.
const service = await createService({ config: readConfig(process.env), limitsRequests: false })
await service.prepared
process.stderr.write(`Taskwire is at ${await service.listen()}\n`)
