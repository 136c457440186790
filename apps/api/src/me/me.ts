import type { Account, AccountUpdate, Export } from '@taskwire/contract'
import { prepare, sql, type SQL } from '@taskwire/db'
import type { CallContext } from '../context.ts'
import { effect, finish, mutate, read, recordValues } from '../effect.ts'
import { MadeJson } from '../made-json.ts'

const account = (name: SQL, zone: SQL): SQL =>
  sql`json_build_object('id', u.id, 'email', u.email, 'name', ${name}, 'timeZone', ${zone}, 'createdAt', tw.iso(u.created_at))`

const get = prepare<never>(
  () => sql`select ${account(sql`u.name`, sql`h.time_zone`)} as account
    from auth.users u join tw.user_heads h on h.user_id = u.id where u.id = tw.me()`,
)

export async function getMe(ctx: CallContext): Promise<Account> {
  const [row] = await read(ctx, get.with({}))
  return row?.['account'] as Account
}

const update = effect<'name' | 'zone'>(
  (p) => sql`with named as (
    update auth.users u set name = ${p('name')}, updated_at = clock_timestamp()
    where u.id = tw.me() and tw.live() and ${p('name')}::text is not null
  ),
  zoned as (
    update tw.user_heads h set time_zone = ${p('zone')} where h.user_id = tw.me() and tw.live() and ${p('zone')}::text is not null
  ),
  head as (select null::bigint as revision where false),
  result as (
    select 'ok' as outcome, ${account(sql`coalesce(${p('name')}, u.name)`, sql`coalesce(${p('zone')}, h.time_zone)`)} as reply, null::uuid as unchanged_id
    from auth.users u join tw.user_heads h on h.user_id = u.id where u.id = tw.me()
  ),
  ${finish(p)}`,
)

export async function updateMe(ctx: CallContext, input: AccountUpdate): Promise<Account> {
  const { name = null, timeZone: zone = null } = input
  return await mutate<Account>(ctx, update.with({ name, zone, ...recordValues(ctx) }))
}

const all = prepare<never>(
  () => sql`select json_build_object(
      'account', ${account(sql`u.name`, sql`h.time_zone`)},
      'lists', (select coalesce(json_agg(tw.list_json(l) order by l.position), '[]') from tw.lists l where l.user_id = tw.me()),
      'tasks', (select coalesce(json_agg(tw.task_json(t) order by t.created_at, t.id), '[]') from tw.tasks t where t.user_id = tw.me()),
      'changes', (select coalesce(json_agg(tw.change_json(c) order by c.revision), '[]') from tw.changes c where c.user_id = tw.me()),
      'keys', (select coalesce(json_agg(tw.key_json(k) order by k.created_at), '[]') from tw.api_keys k where k.user_id = tw.me()),
      'revision', h.revision)::text as data
    from auth.users u join tw.user_heads h on h.user_id = u.id where u.id = tw.me()`,
)

export async function exportMe(ctx: CallContext): Promise<MadeJson<Export>> {
  const [row] = await read(ctx, all.with({}))
  return new MadeJson(String(row?.['data']))
}

// Nothing is recorded of it: there is no account left to record it for.
const erase = prepare<never>(
  () => sql`select 'ok' as outcome, json_build_object('id', tw.erase_me()) as reply where tw.live()`,
)

export async function deleteMe(ctx: CallContext): Promise<{ id: string }> {
  return await mutate<{ id: string }>(ctx, erase.with({}))
}
