// A module of its own, so that a program can use it without loading zod.

/**
 * Returns an ISO-8601 time with any offset as an instant in UTC, truncated to milliseconds.
 * @throws RangeError if the text is not a time.
 */
export function instantOf(text: string): string {
  // Truncated before it is parsed: V8 parses .0009999999999 as 999 ms.
  return new Date(text.replace(/(\.\d{3})\d+/, '$1')).toISOString()
}
