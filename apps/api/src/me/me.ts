import type { Account } from '@taskwire/contract'
import { prepare, sql, type SQL } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { read } from '../effect.ts'

/** The account as callers see it; `u` is its user, and its name and zone are given. */
export const accountJson = (name: SQL, zone: SQL): SQL =>
  sql`json_build_object('id', u.id, 'email', u.email, 'name', ${name}, 'timeZone', ${zone}, 'createdAt', tw.iso(u.created_at))`

const get = prepare<never>(
  () => sql`select ${accountJson(sql`u.name`, sql`u.time_zone`)} as account
    from auth.users u where u.id = tw.account()`,
)

export async function getMe(ctx: CallContext): Promise<Account> {
  const [row] = await read(ctx, get.with({}))
  return row?.['account'] as Account
}
