/** The most tasks in one call: the limit of the contract. */
export const MAX_TASKS = 500
/** The service accepts bodies of 4 MiB. A body has more in it than the tasks. */
const MAX_BYTES = 3 * 1024 * 1024

/** Returns the items from an index on that fit into one call: at least one. */
export function chunkAt<T>(items: readonly T[], start: number, maxItems: number, maxBytes = MAX_BYTES): T[] {
  let bytes = 0
  let end = start
  while (end < items.length && end - start < maxItems) {
    bytes += Buffer.byteLength(JSON.stringify(items[end])) + 1
    if (end > start && bytes > maxBytes) break
    end++
  }
  return items.slice(start, end)
}
