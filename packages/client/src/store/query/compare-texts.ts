/** Compares two texts as PostgreSQL does bytewise. Only for texts of ASCII, such as ids, dates and positions. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Compares two texts as PostgreSQL does bytewise, in UTF-8: by code points, which is not the order of UTF-16 units. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (x !== y) return (isSurrogate(x) === isSurrogate(y) ? x < y : isSurrogate(y)) ? -1 : 1
  }
  return a.length - b.length
}

/** True for half of a code point above U+FFFF. */
const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xe000
