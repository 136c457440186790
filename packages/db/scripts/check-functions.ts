// Runs plpgsql_check on every PL/pgSQL function of a freshly migrated database. TASKWIRE_TEST_PG_BIN is the bin
// directory of a PostgreSQL that has the extension.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectFresh } from './fresh.ts'

const ALLOWED: readonly RegExp[] = [
  // tw.authenticate() assigns the results of set_config() to a variable that it never reads: PERFORM would run a query.
  /never read variable "setting"/,
  // The service writes the clauses of a filter; the values in them are parameters.
  /^tw\.bulk_tasks\(.*The EXECUTE expression is SQL injection vulnerable/,
  // Casts between a domain and its base type are intended.
  /; cast "(tw\."?\w+"?" value to "[a-z]+(\[\])?|text\[\]" value to "tw\.\w+)" type$/,
]

const binDirectory = process.env['TASKWIRE_TEST_PG_BIN']
if (binDirectory === undefined)
  throw new Error(
    'TASKWIRE_TEST_PG_BIN is not set: set it to the bin directory of a PostgreSQL with plpgsql_check, such as /usr/lib/postgresql/15/bin on Debian after apt-get install postgresql-15-plpgsql-check.',
  )
const directory = mkdtempSync(join(tmpdir(), 'taskwire-functions-'))
try {
  await using fresh = await connectFresh({ directory, binDirectory })
  const { sql } = fresh
  await sql`create extension plpgsql_check`
  const found = await sql<{ name: string; problem: string | null }[]>`
    select p.oid::regprocedure::text as name, c.level || ' in line ' || coalesce(c.lineno::text, '?') || ': ' || c.message || coalesce('; ' || c.detail, '') as problem
    from pg_proc p join pg_language l on l.oid = p.prolang left join lateral plpgsql_check_function_tb(p.oid,
      relid => coalesce((select t.tgrelid from pg_trigger t where t.tgfoid = p.oid limit 1), 0),
      extra_warnings => true, performance_warnings => true, security_warnings => true) c on true
    where l.lanname = 'plpgsql' and p.pronamespace in ('tw'::regnamespace, 'auth'::regnamespace) order by name`
  const problems = found
    .flatMap(({ name, problem }) => (problem === null ? [] : [`${name}: ${problem}`]))
    .filter((problem) => !ALLOWED.some((allowed) => allowed.test(problem)))
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) process.exitCode = 1
  else console.log(`plpgsql_check found no problem in ${new Set(found.map(({ name }) => name)).size} functions.`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
