import { prepare, type Prepared, sql, type SQL, type Statement } from '@taskwire/db'
import type { CallContext } from './context.ts'
import { AppError } from './errors.ts'
import { REFUSALS } from './mutate.ts'

/** The parameters that every effect has: what the log and the record of the mutation hold. */
export type RecordName = 'mutation' | 'payload' | 'request'
export type Param<Name extends string> = (name: Name | RecordName) => SQL

/** Counts the head up by the rows of `counted`, if there are any; gives `base`, `revision` and `at`. */
export function countUp(counted: SQL, condition: SQL = sql`true`): SQL {
  return sql`head as (
    update tw.spaces h set revision = h.revision + c.n, changed_at = greatest(h.changed_at, clock_timestamp())
    from (select count(*) as n from ${counted}) c
    where h.id = tw.space() and c.n > 0 and ${condition}
    returning h.revision, h.revision - c.n as base, h.changed_at as at
  )`
}

/** Who made a Change: the caller, or the service itself, which rebalances positions. */
export type By = 'caller' | 'system'
const ACTORS: Record<By, SQL> = {
  caller: sql`current_setting('app.actor_kind'), tw.account(), nullif(current_setting('app.actor_key'), '')::uuid`,
  system: sql`'system', null::uuid, null::uuid`,
}

/**
 * Writes one Change for each row of `rows`: (revision, entity, entity_id, action, before_json,
 * after_json), each of the last two json or null. Both sides given, they keep what differs.
 */
export function log(name: string, rows: SQL, p: Param<never>, by: By = 'caller'): SQL {
  return sql`${sql.raw(name)} as (
    insert into tw.changes (space_id, revision, commit, at, mutation_id, request_id, actor_kind, actor_user_id, actor_key_id, action, entity,
      entity_id, before, after)
    select tw.space(), c.revision, head.revision, head.at, ${p('mutation')}::uuid, ${p('request')}::text,
      ${ACTORS[by]}, c.action, c.entity, c.entity_id,
      coalesce(c.differences->'before', c.before_json::jsonb), coalesce(c.differences->'after', c.after_json::jsonb)
    from (
      select *, case when before_json is not null and after_json is not null then tw.differences(before_json, after_json) end as differences
      -- Kept as it stands, so that each is worked out once.
      from ${rows} r offset 0
    ) c, head
  )`
}

/**
 * Ends an effect: records the reply under the mutation's id, and gives `outcome` and `reply`.
 * `result` has one row: (outcome, reply, unchanged_id); only `ok` is recorded.
 */
export function finish(p: Param<never>, { keepReply = true }: { keepReply?: boolean } = {}): SQL {
  return sql`memo as (
    insert into tw.mutations (space_id, mutation_id, user_id, payload_hash, reply, revision, at, unchanged_id)
    select tw.space(), ${p('mutation')}::uuid, tw.account(), ${p('payload')}::bytea, ${keepReply ? sql`result.reply` : sql`null::json`},
      coalesce((select head.revision from head), h.revision), clock_timestamp(), result.unchanged_id
    from result join tw.spaces h on h.id = tw.space()
    where ${p('mutation')}::uuid is not null and result.outcome = 'ok' and tw.live()
  )
  select outcome, reply from result`
}

/** Prepares an effect. */
export function effect<Name extends string = never>(build: (p: Param<Name>) => SQL): Prepared<Name | RecordName> {
  return prepare<Name | RecordName>(build)
}

/** The values of an effect's own parameters of RecordName. */
export function recordValues(ctx: CallContext): Record<RecordName, string | null | Uint8Array> {
  return { mutation: ctx.mutation.id, payload: ctx.mutation.payload, request: ctx.requestId }
}

/** Runs an effect as the caller, whose replies are of type T; gives its reply, or that of the first time it was asked. */
export async function mutate<T>(ctx: CallContext, statement: Statement): Promise<T> {
  const { caller, replay, rows } = await ctx.database.write(ctx.caller, ctx.need, ctx.mutation, statement)
  ctx.onEntered(ctx.caller, caller.userId, caller.expiresAt)
  if (replay !== null) {
    if (replay.reply === null)
      throw new AppError(
        'MUTATION_APPLIED',
        'This mutation has been applied; its reply is no longer kept. Read again.',
        {
          revision: replay.revision,
        },
      )
    // What this very procedure replied the first time.
    return replay.reply as T
  }
  const row = rows[0]
  // The effect's SQL makes the contract's shape; the tests hold every reply against its schema.
  if (row?.['outcome'] === 'ok') return row['reply'] as T
  const refusal = REFUSALS[String(row?.['outcome'])]
  if (refusal === undefined) throw new Error(`The effect gave no known outcome: ${String(row?.['outcome'])}`)
  throw refusal(row?.['reply'])
}
