const TAGS = '/tags/'

export const addressOfList = (id: string): string => `/lists/${id}`

export const addressOfTag = (tag: string): string => `${TAGS}${encodeURIComponent(tag)}`

/** Returns the tag of an address as the browser has it; wouter's parameters are decoded in part. */
export function tagOfAddress(path: string): string {
  const encoded = path.slice(TAGS.length)
  try {
    return decodeURIComponent(encoded)
  } catch {
    // Somebody has written it by hand, such as `50%`.
    return encoded
  }
}
