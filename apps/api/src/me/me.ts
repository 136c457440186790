import type { Account, AccountUpdate } from '@taskwire/contract'
import { prepare, sql, type SQL } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { effect, finish, mutate, read, recordValues } from '../effect.ts'

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

const update = effect<'name' | 'zone'>(
  (p) => sql`with named as (
    update auth.users u set name = coalesce(${p('name')}, u.name), time_zone = coalesce(${p('zone')}, u.time_zone),
      updated_at = clock_timestamp()
    where u.id = tw.account() and tw.live()
  ),
  head as (select null::bigint as revision where false),
  result as (
    select 'ok' as outcome, ${accountJson(sql`coalesce(${p('name')}, u.name)`, sql`coalesce(${p('zone')}, u.time_zone)`)} as reply, null::uuid as unchanged_id
    from auth.users u where u.id = tw.account()
  ),
  ${finish(p)}`,
)

export async function updateMe(ctx: CallContext, input: AccountUpdate): Promise<Account> {
  const { name = null, timeZone: zone = null } = input
  return await mutate<Account>(ctx, update.with({ name, zone, ...recordValues(ctx) }))
}

// Nothing is recorded of it: there is no account left to record it for.
const erase = prepare<never>(
  () => sql`select 'ok' as outcome, json_build_object('id', tw.erase_me()) as reply where tw.live()`,
)

export async function deleteMe(ctx: CallContext): Promise<{ id: string }> {
  return await mutate<{ id: string }>(ctx, erase.with({}))
}
