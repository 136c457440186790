import { arrayText, sql, type SQL } from '@taskwire/db'

// Scripts that write no blanks between words: there a word begins and ends at any character.
const UNSPACED =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u
// Vowel signs and accents belong to the word, though they are not letters to PostgreSQL; what follows
// an emoji does not.
const MARK = /[\p{M}--[\uFE00-\uFE0F\u20E3]]/v
// The planes behind these two hold Chinese characters only.
const LAST = 0x1ffff
const MORE_CHINESE = '\u{20000}-\u{3fffd}'

// The characters that a pattern matches, as a bracket expression holds them.
function ranges(pattern: RegExp): string {
  let found = ''
  let first = -1
  for (let at = 0; at <= LAST; at++) {
    const matches = at < LAST && pattern.test(String.fromCodePoint(at))
    if (matches && first < 0) first = at
    if (matches || first < 0) continue
    found += `${String.fromCodePoint(first)}-${String.fromCodePoint(at - 1)}`
    first = -1
  }
  return found
}

let beginning: string | undefined
// What stands before a word. Made when first needed: it looks at every character.
const beforeWord = (): string => (beginning ??= `(^|[^[:alnum:]${ranges(MARK)}]|[${ranges(UNSPACED)}${MORE_CHINESE}])`)

// Lower case as ICU and JavaScript have it; the final sigma is a matter of spelling.
const fold = (text: string): string => text.toLowerCase().replaceAll('ς', 'σ')
const folded = sql.raw(
  `translate(lower((t.title || E'\\n' || coalesce(t.description, '')) collate "und-x-icu"), 'ς', 'σ')`,
)

const beginsAnywhere = (word: string): boolean => UNSPACED.test(String.fromCodePoint(word.codePointAt(0) ?? 0))

/** Every word, as a prefix of a word in the title or the description of `t`, whatever the case. */
export function searchTasks(search: string): SQL[] {
  const words = fold(search).split(/\s+/u)
  // By far the cheaper of the two, and exact for a word that may begin anywhere.
  const holds = words.map((word) => `%${word.replace(/[%_\\]/g, String.raw`\$&`)}%`)
  const patterns = words
    .filter((word) => !beginsAnywhere(word))
    .map((word) => beforeWord() + word.replace(/[!-/:-@[-`{-~]/g, String.raw`\$&`))
  return [
    sql`${folded} like all (${arrayText(holds)}::text[])`,
    ...(patterns.length > 0 ? [sql`${folded} ~ all (${arrayText(patterns)}::text[])`] : []),
  ]
}
