import { searchWords } from '@taskwire/contract'
import { arrayText, sql, type SQL } from '@taskwire/db'

const folded = sql.raw(`tw.folded(t.title, t.description) collate "und-x-icu"`)

export interface Search {
  /** What `t` has to match: every word, as a prefix of a word in its title or description; a symbol anywhere. */
  matches: SQL
  /** The same for a task that was looked up: of many a search the index alone tells that it matches. */
  matchesFound: SQL
  /** From the index, where those are that may match; null when they are more than `most`. */
  lookUp(most: number | null): SQL
}

/** A search that is not blank. */
export function searchFor(search: string): Search {
  const words = searchWords(search)
  // By far the cheaper of the two, and exact for a word that may begin anywhere.
  const holds = words.map((word) => `%${word.replace(/[%_\\]/g, String.raw`\$&`)}%`)
  const given = sql`${arrayText(words)}::text[]`
  // As a case, of which the planner expects half of the rows: of the words themselves it expects one row, and
  // sorts all that a user has where it need only go along the index until the page is full.
  const compared = sql`when ${folded} like all (${arrayText(holds)}::text[])
      then ${folded} ~ all ((select tw.search_patterns(${given}))::text[]) else false end`
  return {
    matches: sql`case ${compared}`,
    matchesFound: sql`case when (select bool_and(tw.search_is_exact(word)) from unnest(${given}) word) then true ${compared}`,
    lookUp: (most) => sql`(select tw.search_spots(${given}, ${most}::int))`,
  }
}
