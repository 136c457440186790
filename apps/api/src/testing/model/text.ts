export const keyOf = (text: string): string => text.toLowerCase().normalize('NFC')
export const trimLine = (text: string): string => text.trim().normalize('NFC')

/** Merges tags with the same key; the first spelling is kept. */
export function mergeTags(tags: readonly string[]): string[] {
  const seen = new Set<string>()
  return tags.filter((tag) => !seen.has(keyOf(tag)) && seen.add(keyOf(tag)))
}
