/** Short ids: the end of an id, since ids created together begin alike. */

const MIN_LENGTH = 8
const FULL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu
const PART = /^[0-9a-f-]{1,35}$/iu

export function isFullId(text: string): boolean {
  return FULL.test(text)
}

/** True for text that can be the beginning or end of an id. */
export function isPartOfId(text: string): boolean {
  return PART.test(text)
}

/** True if the text is the id, or its beginning or end. */
export function matchesId(text: string, id: string): boolean {
  const wanted = text.toLowerCase()
  return id.startsWith(wanted) || id.endsWith(wanted)
}

/**
 * Returns a short id for each id: its last characters, at least 8, or its first characters if fewer are enough. No
 * other of these ids begins or ends with the short id.
 */
export function shortIds(ids: readonly string[]): Map<string, string> {
  const all = [...new Set(ids)]
  const ends = distinguishingLengths(all.map((id) => ({ id, text: reverse(id) })))
  const starts = distinguishingLengths(all.map((id) => ({ id, text: id })))
  const short = new Map(
    all.map((id) => {
      const [end = 0, beginning = 0] = [ends.get(id), starts.get(id)]
      return [id, beginning < end ? id.slice(0, beginning) : id.slice(-end)]
    }),
  )
  // In rare cases, the end of one id is the beginning of another. Then both ids are shown in full.
  const used = new Set([...short.values()].map((text) => text.length))
  const counts = new Map<string, number>()
  for (const id of all)
    for (const length of used)
      for (const part of new Set([id.slice(0, length), id.slice(-length)]))
        counts.set(part, (counts.get(part) ?? 0) + 1)
  for (const [id, text] of short) if ((counts.get(text) ?? 0) > 1) short.set(id, id)
  return short
}

/** Returns the short form of an id that is shown without other ids. */
export function shortId(id: string): string {
  return id.slice(-MIN_LENGTH)
}

/** Returns how many first characters distinguish each text from the others: at least MIN_LENGTH. */
function distinguishingLengths(items: { id: string; text: string }[]): Map<string, number> {
  // Texts with the longest common beginning are neighbours.
  const sorted = items.toSorted((a, b) => (a.text < b.text ? -1 : 1))
  return new Map(
    sorted.map(({ id, text }, index) => {
      const before = commonLength(text, sorted[index - 1]?.text ?? '')
      const after = commonLength(text, sorted[index + 1]?.text ?? '')
      return [id, Math.max(MIN_LENGTH, before + 1, after + 1)]
    }),
  )
}

function reverse(text: string): string {
  return [...text].toReversed().join('')
}

function commonLength(a: string, b: string): number {
  let count = 0
  while (count < a.length && a[count] === b[count]) count++
  return count
}
