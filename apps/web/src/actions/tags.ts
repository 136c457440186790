/** True if a tag is among others, in whatever case. */
export const isIn = (tags: readonly string[], tag: string): boolean =>
  tags.some((other) => other.toLowerCase() === tag.toLowerCase())
