/** Tasks of one call: the contract's number. */
export const MOST_TASKS = 500
/** Bytes of one call; the service takes 4 MiB, of which the call's frame has some. */
const MOST_BYTES = 3 * 1024 * 1024

/** The items from an index on that fit into one call together: one at least. */
export function chunkAt<T>(items: readonly T[], start: number, most: number, mostBytes = MOST_BYTES): T[] {
  let bytes = 0
  let end = start
  while (end < items.length && end - start < most) {
    bytes += Buffer.byteLength(JSON.stringify(items[end])) + 1
    if (end > start && bytes > mostBytes) break
    end++
  }
  return items.slice(start, end)
}
