/** The service accepts bodies of 4 MiB. A body has more in it than the tasks. */
const MAX_BYTES = 3 * 1024 * 1024

/** Returns the items from an index on that fit into one call: at least one. */
export function chunkAt<T>(items: readonly T[], start: number, maxItems: number, maxBytes = MAX_BYTES): T[] {
  const encoder = new TextEncoder()
  let bytes = 0
  let end = start
  while (end < items.length && end - start < maxItems) {
    bytes += encoder.encode(JSON.stringify(items[end])).length + 1
    if (end > start && bytes > maxBytes) break
    end++
  }
  return items.slice(start, end)
}
