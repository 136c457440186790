/** For tests against a service: a new account, and a terminal signed in to it. */
import type { TestService, TestUser } from '@taskwire/api/testing'
import { type Client, createClient } from '@taskwire/client'
import { openTerminal, type Terminal } from './terminal.ts'

export interface TestAccount extends Terminal {
  user: TestUser
  client: Client
  /** The latest revision of the account's space. */
  head(): Promise<number>
}

export async function openAccount(service: TestService): Promise<TestAccount> {
  const user = await service.signUp()
  const client = createClient({ url: service.url, token: user.token })
  const terminal = await openTerminal({ TASKWIRE_URL: service.url, TASKWIRE_TOKEN: user.token })
  return {
    ...terminal,
    [Symbol.asyncDispose]: terminal[Symbol.asyncDispose],
    user,
    client,
    head: async () => (await client.tasks.list.query({ limit: 1 })).revision,
  }
}
