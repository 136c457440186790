import type { Sql } from 'postgres'

const SIGNATURE = 'tw.search_vector(uuid,text,text)'
// Seeded texts in Latin script are ASCII words separated by single spaces, with few other characters.
const TEXT = `lower(title || coalesce(' ' || translate(description, E',\\n.', '  '), ''))`
const PLAIN = `octet_length(title) = char_length(title)`
const body = (realName: string): string => `
  case when ${PLAIN} then array_to_tsvector(string_to_array(
      tw.search_key(u) || replace(replace(${TEXT}, '  ', ' '), ' ', ' ' || tw.search_key(u)), ' '))
    else ${realName}(u, title, description) end`

/**
 * Runs `build` while the search terms are computed by an expression that takes a tenth of the time. Throws unless both
 * give the same terms for a sample of the tasks.
 */
export async function withQuickTerms(sql: Sql, build: () => Promise<void>): Promise<void> {
  const [row] = await sql<{ definition: string }[]>`select pg_get_functiondef(${SIGNATURE}::regprocedure) as definition`
  const realDefinition = row?.definition ?? ''
  const head = '(u uuid, title text, description text) returns tsvector language sql immutable parallel safe return'
  await sql.unsafe(realDefinition.replace('tw.search_vector', 'bench_seed.real_terms'))
  await sql.unsafe(`create function bench_seed.quick_terms${head} ${body('bench_seed.real_terms')}`)
  const [different] = await sql`
    select t.title, t.description from tw.tasks t tablesample system (2)
    where bench_seed.quick_terms(t.space_id, t.title, t.description)
      is distinct from bench_seed.real_terms(t.space_id, t.title, t.description) limit 1`
  if (different !== undefined)
    throw new Error(
      `For ${JSON.stringify(different)}, the quick terms differ from the result of ${SIGNATURE}: update seed/search-terms.ts`,
    )
  await sql.unsafe(`create or replace function tw.search_vector${head} ${body('bench_seed.real_terms')}`)
  await build()
  await sql.unsafe(realDefinition)
}
