import { LIMITS } from '@taskwire/contract'
import { connectOnce } from '@taskwire/db'
import { createTestDatabase } from '@taskwire/db/testing'
import setup from '@taskwire/db/testing/server'
import { type Cost, slowest, mapValues, textsOf } from './measure.ts'

/** Each step runs several times in one statement, so that it can be measured. */
// oxlint-disable-next-line max-lines-per-function -- a list, of one entry for each step
export async function stepsOfTheDatabase(): Promise<Cost[]> {
  const stop = await setup()
  await using _server = { [Symbol.asyncDispose]: stop }
  await using database = await createTestDatabase()
  await using connection = await connectOnce({ address: database.admin, applicationName: 'costs' })
  const { sql } = connection
  const normal = (length: number): Record<string, string> =>
    mapValues(textsOf(length), (text) =>
      text.toWellFormed().replaceAll('\0', '0').normalize('NFC').slice(0, length).toWellFormed(),
    )
  const TIMES = 20
  async function cost(step: string, largest: string, call: string, inputs: Record<string, string[]>): Promise<Cost> {
    const text = `select count(${call}::text) from generate_series(1, ${TIMES}) n`
    const total = await slowest(
      step,
      largest,
      inputs,
      async (input) => await sql.unsafe(text, input, { prepare: true }),
    )
    return { ...total, ms: total.ms / TIMES }
  }
  const task = mapValues(normal(LIMITS.description), (text) => [text.slice(0, LIMITS.title), text])
  const words = mapValues(normal(LIMITS.search), (text) => [text])
  // Depends on n, so that PostgreSQL does not compute it only once.
  const description = `($2::text || left(n::text, 0))`
  return [
    await cost(
      'tw.search_vector()',
      'a title and a description',
      `tw.search_vector('01998d3e-7c1a-7000-8000-000000000001', $1::text, ${description})`,
      task,
    ),
    await cost('tw.folded()', 'a title and a description', `tw.folded($1::text, ${description})`, task),
    await cost(
      'is nfc normalized',
      'a title and a description',
      `($1::text is nfc normalized and ${description} is nfc normalized)`,
      task,
    ),
    await cost(
      'the characters of a title',
      `${LIMITS.title}`,
      `(($1::text || left(n::text, 0)) !~ '[\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]')`,
      words,
    ),
    await cost(
      'tw.search_terms() and tw.search_patterns()',
      `a search of ${LIMITS.search}`,
      `(tw.search_terms($1::text || left(n::text, 0))::text || tw.search_patterns(array[$1::text || left(n::text, 0)])::text)`,
      words,
    ),
    await cost(
      'looking for a word of a search',
      'in a title and a description',
      `(tw.folded($1::text, ${description}) ~ all (tw.search_patterns(array[left($1::text, 100) || left(n::text, 0)])))`,
      task,
    ),
    await cost(
      'tw.are_tags()',
      `${LIMITS.tagsPerTask} of ${LIMITS.tag}`,
      `tw.are_tags(array(select left(i || $1::text || left(n::text, 0), ${LIMITS.tag}) from generate_series(0, 9) i), ${LIMITS.tagsPerTask}, ${LIMITS.tag})`,
      words,
    ),
    await cost(
      'tw.positions_between()',
      `${LIMITS.tasksPerCall} at once`,
      `tw.positions_between('80000000' || left(n::text, 0), '80000001', ${LIMITS.tasksPerCall})`,
      { 'close neighbours': [] },
    ),
    await cost(
      'tw.position_between()',
      '64 digits',
      `tw.position_between(rpad('80000000', 63, '0') || '1' || left(n::text, 0), rpad('80000000', 63, '0') || '2')`,
      { 'close neighbours': [] },
    ),
    await cost(
      'tw.due_at()',
      'a date and a time',
      `tw.due_at('2026-10-25', '02:30', 'Europe/Berlin' || left(n::text, 0))`,
      { 'one value': [] },
    ),
    await cost(
      'tw.differences()',
      'two tasks that differ in all fields',
      `tw.differences(json_build_object('title', $1::text, 'description', $2::text, 'tags', array_fill($1::text, array[10])), json_build_object('title', $1 || n, 'description', $2 || n, 'tags', array_fill($1 || n, array[10])))`,
      task,
    ),
  ]
}
