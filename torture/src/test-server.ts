import { TEST_SERVER } from '@taskwire/db/testing'
import setup from '@taskwire/db/testing/server'

/** The PostgreSQL of the test run, or a new one if there is none. */
export async function testServer(): Promise<AsyncDisposable> {
  if (process.env[TEST_SERVER] !== undefined) return { async [Symbol.asyncDispose]() {} }
  const stop = await setup()
  return {
    async [Symbol.asyncDispose]() {
      await stop()
      delete process.env[TEST_SERVER]
    },
  }
}
