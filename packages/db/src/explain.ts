import { randomUUID } from 'node:crypto'
import { type CallerSession, createCallerSession, type TimedRows } from './caller-session.ts'
import type { Address } from './connection/address.ts'
import { connectOnce } from './connection/connect.ts'
import { createPool } from './connection/pool.ts'
import type { PooledConnection } from './connection/pooled-connection.ts'
import { runStatement } from './connection/run-statement.ts'
import type { Statement } from './statement.ts'

/** A statement of a call, and how PostgreSQL ran it. */
export interface ExplainedStatement {
  statement: Statement
  /** Milliseconds of the first run, on a new connection that had no plans. */
  firstMs: number
  /** The lines of EXPLAIN (ANALYZE), of a second run. */
  plan: string[]
  /** For a mutation, what auto_explain sends for each statement inside its function: duration, text and plan. */
  inner: { plans: string[] } | { missing: string } | undefined
}

export interface ExplainOptions {
  /** The login of the service. */
  app: Address
  /** A superuser, as whom the statements inside mutations can be shown; null if none is known. */
  superuser: Address | null
  onExplained(explained: ExplainedStatement): void
}

const APPLICATION_NAME = 'taskwire-admin'
/** Longer than the login's statement_timeout, so that a query that exceeds that timeout can be explained. */
const QUERY_TIMEOUT = '60s'
const DEADLINE_MS = 130_000
const EXPLAIN = 'explain (analyze, buffers, settings)'

/**
 * Opens caller sessions that run each statement as the service does, explain it, and roll it back. A mutation locks its
 * space meanwhile, so it keeps the login's statement_timeout.
 */
export function openExplainingSession({
  app,
  superuser,
  onExplained,
}: ExplainOptions): CallerSession & AsyncDisposable {
  const pool = createPool({ address: app, max: 1, applicationName: APPLICATION_NAME, waitMs: 10_000 })

  async function run(statement: Statement, timeout?: string): Promise<TimedRows & { plan: string[] }> {
    return await pool.use(DEADLINE_MS, async (connection) => {
      const began = performance.now()
      const rows = await rollBackAfter(connection, timeout, [statement])
      const ms = performance.now() - began
      const { prepare, execute } = asPrepared(statement)
      const plan = await rollBackAfter(connection, timeout, [bare(prepare), bare(`${EXPLAIN} ${execute}`)])
      return { rows, ms, plan: plan.map((row) => String(row['QUERY PLAN'])) }
    })
  }

  const { read } = createCallerSession(async (statement) => {
    const { plan, ...result } = await run(statement, QUERY_TIMEOUT)
    onExplained({ statement, firstMs: result.ms, plan, inner: undefined })
    return result
  })
  const { mutate } = createCallerSession(async (statement) => {
    const { plan, ...result } = await run(statement)
    onExplained({ statement, firstMs: result.ms, plan, inner: await explainInner(statement, superuser, app.user) })
    return result
  })
  return { read, mutate, [Symbol.asyncDispose]: () => pool.end() }
}

const bare = (text: string): Statement & { bare: true } => ({ text, parameters: [], bare: true })

/** Runs statements in a transaction, rolls it back, and returns the rows of the last. */
async function rollBackAfter(
  connection: PooledConnection,
  timeout: string | undefined,
  statements: Statement[],
): Promise<TimedRows['rows']> {
  await runStatement(connection, bare('begin'))
  try {
    if (timeout !== undefined) await runStatement(connection, bare(`set local statement_timeout = '${timeout}'`))
    let rows: TimedRows['rows'] = []
    for (const statement of statements) ({ rows } = await runStatement(connection, statement))
    return rows
  } finally {
    if (!connection.closed) await runStatement(connection, bare('rollback'))
  }
}

/** Writes a statement as PREPARE and EXECUTE. Unlike EXPLAIN with parameters, EXPLAIN EXECUTE shows the generic plan. */
function asPrepared({ text, parameters }: Statement): { prepare: string; execute: string } {
  // A pooler may keep the connection, and with it the name.
  const name = `"explained ${randomUUID()}"`
  const values = parameters.map((value) => (value === null ? 'null' : quoted(value)))
  return { prepare: `prepare ${name} as ${text}`, execute: `execute ${name}(${values.join(', ')})` }
}

/** Quotes a text, whatever standard_conforming_strings is. */
const quoted = (value: string): string => `E'${value.replace(/['\\]/g, '$&$&')}'`

async function explainInner(
  statement: Statement,
  superuser: Address | null,
  login: string,
): Promise<NonNullable<ExplainedStatement['inner']>> {
  if (superuser === null) return { missing: 'they need auto_explain, which only a superuser may load' }
  try {
    return { plans: await innerPlans(statement, superuser, login) }
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) }
  }
}

/** Runs a mutation with auto_explain, with the rights and the settings of the login. */
async function innerPlans(statement: Statement, superuser: Address, login: string): Promise<string[]> {
  const { prepare, execute } = asPrepared(statement)
  const plans: string[] = []
  // Closing the connection rolls back.
  await using connection = await connectOnce({
    address: superuser,
    applicationName: APPLICATION_NAME,
    onNotice: (text) => plans.push(text),
  })
  const { sql } = connection
  await sql.unsafe(`begin; load 'auto_explain'`)
  await sql`
    select set_config(split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1), true)
    from pg_db_role_setting join pg_roles r on r.oid = setrole, unnest(setconfig) setting
    where rolname = ${login} and setdatabase in (0, (select oid from pg_database where datname = current_database()))
    order by setdatabase`
  // As notices, plans do not reach PostgreSQL's log. Before PostgreSQL 16 there is no log_parameter_max_length.
  await sql`
    select set_config(s.name, v.value, true)
    from (values ('log_analyze', 'on'), ('log_buffers', 'on'), ('log_nested_statements', 'on'), ('log_level', 'notice'),
      ('log_parameter_max_length', '0'), ('log_min_duration', '0')) v(option, value)
    join pg_settings s on s.name = 'auto_explain.' || v.option`
  await sql.unsafe(prepare)
  await sql.unsafe(`set local client_min_messages = notice; set local session authorization "${login}"`)
  plans.length = 0
  await sql.unsafe(execute)
  // The last plan is that of the outer statement.
  return plans.slice(0, -1)
}
