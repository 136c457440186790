export const key = (text: string): string => text.toLowerCase().normalize('NFC')
export const line = (text: string): string => text.trim().normalize('NFC')

/** Merges tags with the same key; the first spelling is kept. */
export function merged(tags: readonly string[]): string[] {
  const seen = new Set<string>()
  return tags.filter((tag) => !seen.has(key(tag)) && seen.add(key(tag)))
}
