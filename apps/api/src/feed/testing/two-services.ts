import { createTestDatabase, type TestDatabase } from '@taskwire/db/testing'
import { metric, until } from '../../testing/metrics.ts'
import { startTestService, type TestService } from '../../testing/service.ts'

/** Two services on one database. They share nothing else. */
export interface TwoServices extends AsyncDisposable {
  database: TestDatabase
  service: TestService
  other: TestService
}

export const QUICK = { heartbeatMs: 50, pollMs: 100 }

/** Starts two services, which listen to each other. */
export async function startTwoServices(): Promise<TwoServices> {
  const database = await createTestDatabase()
  const service = await startTestService({ database, feedTimes: QUICK })
  const other = await startTestService({ database, feedTimes: QUICK })
  for (const one of [service, other]) await waitForListener(one)
  return {
    database,
    service,
    other,
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]()
      await other[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** Waits until a service listens to other processes, and notifies them. */
export async function waitForListener({ url }: { url: string }): Promise<void> {
  await until(async () => (await metric(url, 'taskwire_listening')) === 1)
}
