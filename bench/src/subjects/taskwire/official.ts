import { readConfig } from '../../../../apps/api/src/config.ts'
import { createService } from '../../../../apps/api/src/service.ts'

/** The service with tRPC's own Fastify adapter for every call. */
const service = await createService({ config: readConfig(process.env), officialAdapter: true })
process.on('SIGTERM', () => void service.close().then(() => process.exit()))
await service.prepared
await service.listen()
