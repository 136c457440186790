/** Short names of tasks: the end of an id, since the beginnings of ids made together are alike. */

const SHORT = 8
const FULL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu
const PART = /^[0-9a-f-]{1,35}$/iu

export function isFullId(text: string): boolean {
  return FULL.test(text)
}

/** True for what may be the beginning or the end of an id. */
export function isPartOfId(text: string): boolean {
  return PART.test(text)
}

/** True where the text is the id, or the beginning or the end of it. */
export function names(text: string, id: string): boolean {
  const wanted = text.toLowerCase()
  return id.startsWith(wanted) || id.endsWith(wanted)
}

/**
 * A short name for each id: its end, from 8 characters, or its beginning where that is shorter. No
 * other of these ids begins or ends with it.
 */
export function shortIds(ids: readonly string[]): Map<string, string> {
  const all = [...new Set(ids)]
  const ends = needed(all.map((id) => ({ id, text: reverse(id) })))
  const starts = needed(all.map((id) => ({ id, text: id })))
  const short = new Map(
    all.map((id) => {
      const [end = 0, beginning = 0] = [ends.get(id), starts.get(id)]
      return [id, beginning < end ? id.slice(0, beginning) : id.slice(-end)]
    }),
  )
  // Against the odds, what ends one id may begin another: then it is named in full.
  const used = new Set([...short.values()].map((text) => text.length))
  const counts = new Map<string, number>()
  for (const id of all)
    for (const length of used)
      for (const part of new Set([id.slice(0, length), id.slice(-length)]))
        counts.set(part, (counts.get(part) ?? 0) + 1)
  for (const [id, text] of short) if ((counts.get(text) ?? 0) > 1) short.set(id, id)
  return short
}

/** For an id that stands alone. */
export function shortId(id: string): string {
  return id.slice(-SHORT)
}

/** How many first characters set each text apart from the others, at least SHORT. */
function needed(items: { id: string; text: string }[]): Map<string, number> {
  // Those that share the longest beginning stand side by side.
  const sorted = items.toSorted((a, b) => (a.text < b.text ? -1 : 1))
  return new Map(
    sorted.map(({ id, text }, index) => {
      const before = common(text, sorted[index - 1]?.text ?? '')
      const after = common(text, sorted[index + 1]?.text ?? '')
      return [id, Math.max(SHORT, before + 1, after + 1)]
    }),
  )
}

function reverse(text: string): string {
  return [...text].toReversed().join('')
}

function common(a: string, b: string): number {
  let count = 0
  while (count < a.length && a[count] === b[count]) count++
  return count
}
