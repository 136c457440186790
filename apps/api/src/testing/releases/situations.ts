import { connectOnce } from '@taskwire/db'
import { createDatabaseProxy, settingsFor } from '../process.ts'
import { startTestService, type TestService, until } from '../service.ts'
import type { SituationName } from './recording.ts'

/** A state in which the service at `url` refuses calls. */
export interface Situation extends AsyncDisposable {
  url: string
}

const SITUATIONS: Record<SituationName, (service: TestService) => Promise<Situation>> = {
  // One call a minute.
  limited: async ({ database }) => await startTestService({ database, env: { RATE_LIMIT_PER_MINUTE: '1' } }),
  async broken({ url, admin }) {
    await admin('revoke select on tw.lists from taskwire_app')
    return ended(url, async () => void (await admin('grant select on tw.lists to taskwire_app')))
  },
  async locked(service) {
    return ended(service.url, await lockLists(service))
  },
  async slow(service) {
    const impatient = await startTestService({ database: service.database, deadlineMs: 1000 })
    const unlock = await lockLists(service)
    return ended(impatient.url, async () => {
      await unlock()
      await impatient[Symbol.asyncDispose]()
    })
  },
  async disconnected({ database }) {
    const line = await createDatabaseProxy(database)
    await line.mend()
    const apart = await startTestService({ database, env: settingsFor(database, line.port) })
    await line.cut()
    await until(async () => !(await fetch(`${apart.url}/health/ready`)).ok)
    return ended(apart.url, async () => {
      await apart[Symbol.asyncDispose]()
      await line[Symbol.asyncDispose]()
    })
  },
}

export async function enter(name: SituationName, service: TestService): Promise<Situation> {
  return await SITUATIONS[name](service)
}

function ended(url: string, end: () => Promise<void>): Situation {
  return { url, [Symbol.asyncDispose]: end }
}

/** Holds a lock that reads of lists wait for; returns a function that releases it. */
async function lockLists({ database }: TestService): Promise<() => Promise<void>> {
  const admin = await connectOnce({ address: database.admin, applicationName: 'taskwire-test' })
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { promise: held, resolve: hold } = Promise.withResolvers<void>()
  const transaction = admin.sql.begin(async (sql) => {
    await sql`lock table tw.lists in access exclusive mode`
    hold()
    await released
  })
  await held
  return async () => {
    release()
    await transaction
    await admin[Symbol.asyncDispose]()
  }
}
