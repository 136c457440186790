import fc from 'fast-check'

// What JavaScript trims, including control characters.
export const BLANKS = [
  ...'\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff',
]
export const CONTROLS = ['\u0001', '\u001f', '\u007f', '\u0080', '\u0085', '\u009f', '\u2028', '\u2029']
export const UNSTORABLE = ['\u0000', '\ud800', '\udfff', '\ude00\ud83d']
export const OTHERS = [
  // Composed and decomposed; marks out of order; a singleton; Hangul; a composition that NFC excludes.
  'é',
  'e\u0301',
  'q\u0307\u0323',
  '\u0323\u0307',
  '\u212b',
  '\u1112\u1161\u11ab',
  '\u0958',
  '\u0344',
  // Beyond U+FFFF; composed of such characters; joined; of Unicode 16 and 17; unassigned.
  '😀',
  '\u{1d15e}',
  '\u{11099}\u{110ba}',
  '👩‍👩‍👧',
  '\u{16d67}\u{16d67}',
  '\u{16d68}',
  '\u{11382}\u{113c9}',
  '\u{1acf}\u0323',
  '\u{e0080}',
  '\u{10ffff}',
  '\uffff',
  // Counted as white space elsewhere, but not by JavaScript.
  '\u180e',
  '\u200b',
  '\u2060',
  '\u00ad',
  'İ',
  'Σ',
  'ς',
  'ß',
  'ﬁ',
  '牛',
  'ไ',
  "'",
  '"',
  '\\',
  '{',
  'NULL',
  '%',
  '$1',
]

/** Text of a length around a limit, with characters that are often handled wrongly. */
export function text(max: number, more: string[] = []): fc.Arbitrary<string> {
  const unit = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('a', 'B', '7', ' ') },
    { weight: 4, arbitrary: fc.constantFrom(...OTHERS) },
    { weight: 1, arbitrary: fc.constantFrom(...BLANKS) },
    { weight: 1, arbitrary: fc.constantFrom(...CONTROLS, ...more) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
  )
  const many = fc
    .tuple(fc.constantFrom('a', '😀', 'é', 'e\u0301', '\u{1d15e}', ' '), fc.integer({ min: max - 2, max: max + 1 }))
    .map(([one, times]) => one.repeat(times))
  const body = fc.oneof(
    { weight: 3, arbitrary: fc.array(unit, { maxLength: 8 }).map((units) => units.join('')) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.array(unit, { maxLength: 2 }), many, fc.array(unit, { maxLength: 2 }))
        .map((parts) => parts.flat().join('')),
    },
    { weight: 1, arbitrary: many },
  )
  const edge = fc.array(fc.constantFrom(...BLANKS), { maxLength: 2 }).map((blanks) => blanks.join(''))
  return fc.oneof(
    body,
    fc.tuple(edge, body, edge).map((parts) => parts.join('')),
  )
}

/** Text that PostgreSQL can hold. */
export const storable = (value: string): boolean => value.isWellFormed() && !value.includes('\u0000')

// Marks and compositions that are newer than Unicode 14, the version of PostgreSQL 15. (PostgreSQL 18 has Unicode 16,
// Node 26 has 17.) The database does not know the order of these marks, so it accepts them in any order.
export const NEWER = [
  [0x897, 0x897],
  [0x1acf, 0x1add],
  [0x1ae0, 0x1aeb],
  [0x10d69, 0x10d6d],
  [0x10efa, 0x10eff],
  [0x11380, 0x113ff],
  [0x11f41, 0x11f42],
  [0x16100, 0x1613f],
  [0x16d40, 0x16d7f],
  [0x1e08f, 0x1e08f],
  [0x1e4ec, 0x1e4ef],
  [0x1e5ee, 0x1e5ef],
  [0x1e6e0, 0x1e6ff],
] as const
export const isOfNewer = (value: string): boolean =>
  value !== value.normalize('NFC') &&
  [...value].some((one) =>
    NEWER.some(([from, to]) => (one.codePointAt(0) ?? 0) >= from && (one.codePointAt(0) ?? 0) <= to),
  )
