import type { TestService } from './service.ts'

/**
 * Returns how many rows of tasks, lists, Changes and mutations have been read since the server started. Connections
 * report what they read when they end: dispose of the service that reads before you count.
 */
export async function rowsRead({ admin }: TestService): Promise<number> {
  const [row] = await admin(`select sum(seq_tup_read + idx) as read from pg_stat_user_tables t cross join lateral (
    select sum(idx_tup_read) as idx from pg_stat_user_indexes i where i.relid = t.relid
  ) i where t.schemaname = 'tw' and t.relname in ('tasks', 'lists', 'changes', 'mutations')`)
  return Number(row?.['read'])
}
