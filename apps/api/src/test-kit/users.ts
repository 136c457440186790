import { randomUUID } from 'node:crypto'
import { accountName, emailAddress, externalId, SERVICE_SCOPES, timeZone } from '@taskwire/contract'
import type { Address, Connection } from '@taskwire/db'
import { v7 as uuidv7 } from 'uuid'
import { z } from 'zod'
import { newSession } from '../auth/sign-in-sessions.ts'
import { ConfigError } from '../config.ts'
import { createServiceKey } from '../procedures/keys/service-keys.ts'
import { parseInput } from '../trpc/parse-input.ts'

const userInput = z.strictObject({
  name: accountName.default('Somebody'),
  email: emailAddress.optional(),
  timeZone,
  externalId: externalId.nullable().default(null),
})

/** An account with a session. */
export interface TestUser {
  id: string
  token: string
  name: string
  email: string
  timeZone: string
  externalId: string | null
}

/** Creates an account and a session, as the login taskwire_auth. Throws a ConfigError if the input is refused. */
export async function createUser({ sql }: Connection, input: unknown): Promise<TestUser> {
  const { email = `user-${randomUUID()}@example.com`, ...rest } = parse(userInput, input)
  const user = { ...rest, id: uuidv7(), email }
  const created = await sql`
    insert into auth.users (id, name, email, time_zone, external_id)
    values (${user.id}, ${user.name}, ${user.email}, ${user.timeZone}, ${user.externalId})
    on conflict do nothing returning id`
  if (created.length === 0) {
    const taken = user.externalId === null ? `email ${user.email}` : `externalId ${user.externalId}`
    throw new ConfigError(`${taken} belongs to another user; give each test a user of its own`)
  }
  const { token, values } = newSession({ address: '', agent: 'taskwire-testing' })
  await sql`select auth.add_session(${user.id}, ${values.session}, ${values.address}, ${values.agent})`
  return { ...user, token }
}

const scopesAllowed = `one or more of ${SERVICE_SCOPES.join(', ')}`
const scopeInput = z.strictObject({
  scopes: z
    .array(z.enum(SERVICE_SCOPES, { error: `is not ${scopesAllowed}` }), { error: `is not ${scopesAllowed}` })
    .min(1, { error: `has none: give ${scopesAllowed}` }),
})

/** Creates a service key, and returns its secret. Throws a ConfigError if the input is refused. */
export async function createKey(owner: Address, input: unknown): Promise<{ secret: string }> {
  const { scopes } = parse(scopeInput, input)
  return await createServiceKey(owner, { name: randomUUID(), scopes: scopes.join(',') })
}

function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = parseInput(schema, input)
  if (parsed.success) return parsed.data
  throw new ConfigError(parsed.error.issues.map(({ path, message }) => [...path, message].join(' ')).join('; '))
}
