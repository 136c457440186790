import postgres from 'postgres'
import type { TestDatabase } from './test-database.ts'

interface RunAs {
  user: string
  /** The value of plan_cache_mode. */
  mode?: string
}

/**
 * Returns the plans, as in EXPLAIN, of statements and of the statements inside the functions that they call. They run
 * as the service's login, with a user as their caller.
 */
export async function plansOf(
  { admin }: TestDatabase,
  { user, mode = 'auto' }: RunAs,
  ...work: string[]
): Promise<string> {
  const plans: string[] = []
  const { host, port, database, user: username, password } = admin
  const sql = postgres({
    host,
    port,
    database,
    username,
    password,
    max: 1,
    fetch_types: false,
    onnotice: (notice) => plans.push(String(notice['message'])),
  })
  try {
    // auto_explain sends the plans as notices; only a superuser may load it.
    await sql.unsafe(`load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on;
      set client_min_messages = log; set plan_cache_mode = ${mode}; set max_parallel_workers_per_gather = 0;
      select set_config(split_part(setting, '=', 1), split_part(setting, '=', 2), false)
        from pg_roles, unnest(rolconfig) setting where rolname = 'taskwire_app';
      set role taskwire_app; set app.account = '${user}'; set app.space = '${user}'`)
    plans.length = 0
    for (const statement of work) await sql.unsafe(statement)
  } finally {
    await sql.end()
  }
  return plans.join('\n')
}
