// A module of its own, so that a program can use it without loading zod.

/** Returns the key by which tags and list names are compared: lower case, then NFC. */
export function textKey(text: string): string {
  return text.toLowerCase().normalize('NFC')
}

/** Merges tags with the same key, and keeps the first spelling. */
export function mergeTags(tags: readonly string[]): string[] {
  const byKey = new Map<string, string>()
  for (const tag of tags) {
    const key = textKey(tag)
    if (!byKey.has(key)) byKey.set(key, tag)
  }
  return [...byKey.values()]
}
