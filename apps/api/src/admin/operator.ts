import { randomBytes, randomUUID } from 'node:crypto'
import { type Address, connectOnce, openDatabase, sql, statement } from '@taskwire/db'
import { createCallables } from '../procedures/router.ts'
import { RawJson } from '../procedures/raw-json.ts'
import { callOffline } from './offline-call.ts'

/** Calls the procedures that manage accounts, as an internal service does, but with the login taskwire_owner. */
export interface Operator extends AsyncDisposable {
  /** Rejects with an AppError. */
  call(path: `users.${string}`, input: unknown): Promise<unknown>
  /** Releases the account from its issuer: it then belongs to the next issuer that sends a token of its user. */
  releaseFromIssuer(externalId: string): Promise<void>
}

const applicationName = 'taskwire-admin'

/**
 * Adds a service key, and deletes it when the operator is closed. No secret has the key's hash, which is random, so
 * nobody else can use the key.
 */
export async function openOperator(owner: Address): Promise<Operator> {
  const credential = randomBytes(32)
  await using acquired = new AsyncDisposableStack()
  const connection = acquired.use(await connectOnce({ address: owner, applicationName }))
  await connection.sql`
    insert into tw.service_keys (id, name, scopes, secret_hash, expires_at)
    values (${randomUUID()}, ${`taskwire-admin ${randomUUID()}`}, '{users}', ${credential}, now() + interval '1 day')`
  acquired.defer(async () => {
    await connection.sql`delete from tw.service_keys where secret_hash = ${credential}`
  })
  const session = acquired.use(openDatabase({ address: owner, max: 1, applicationName }))
  session.pool.start()
  const calls = createCallables()
  const kept = acquired.move()
  return {
    async call(path, input) {
      const call = calls.get(path)
      if (call === undefined) throw new Error(`There is no procedure ${path}`)
      const caller = { credential, actingAs: null, spaceId: null }
      const reply = await callOffline(call, input, { caller, session, name: 'admin' })
      return reply instanceof RawJson ? reply.toJSON() : reply
    },
    async releaseFromIssuer(externalId) {
      await session.query(
        statement(sql`update auth.users set issuer = null where external_id = ${externalId} and issuer is not null`),
      )
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
