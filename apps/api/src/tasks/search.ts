import { arrayText, sql, type SQL } from '@taskwire/db'

// Lower case as ICU and JavaScript have it; the final sigma is a matter of spelling.
const fold = (text: string): string => text.toLowerCase().replaceAll('ς', 'σ')
const folded = sql.raw(`tw.folded(t.title, t.description) collate "und-x-icu"`)

export interface Search {
  /** What `t` has to match: every word, as a prefix of a word in its title or description, whatever the case. */
  matches: SQL
  /** From the index, where those are that may match: `spots`, null when they are more than `most`; `exact` where they do. */
  lookUp(most: number | null): SQL
}

export function searchFor(search: string): Search {
  const words = fold(search).split(/\s+/u)
  // By far the cheaper of the two, and exact for a word that may begin anywhere.
  const holds = words.map((word) => `%${word.replace(/[%_\\]/g, String.raw`\$&`)}%`)
  const given = sql`${arrayText(words)}::text[]`
  return {
    // As a case, of which the planner expects half of the rows: of the words themselves it expects one row, and
    // sorts all that a user has where it need only go along the index until the page is full.
    matches: sql`case when ${folded} like all (${arrayText(holds)}::text[])
      then ${folded} ~ all ((select tw.search_patterns(${given}))::text[]) else false end`,
    lookUp: (most) => sql`tw.search_spots(${given}, ${most}::int)`,
  }
}
