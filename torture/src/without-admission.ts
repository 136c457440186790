import { readConfig } from '@taskwire/api/config'
import { createService } from '@taskwire/api/service'

// The service as it would be if it let in whatever comes: the saboteur of the overload experiment.
const service = await createService({ config: readConfig(process.env), admits: false })
await service.prepared
process.stderr.write(`Taskwire is at ${await service.listen()}\n`)
