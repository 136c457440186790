import { LIMITS } from '@taskwire/contract'

/** Every kind of text whose cost is its own: each makes so many UTF-16 units of it. */
export const RUNS: Record<string, (length: number) => string> = {
  'marks of two classes in turn': (length) => `a${'\u0300\u0316'.repeat(length / 2)}`,
  'marks of one class': (length) => `a${'\u0301'.repeat(length)}`,
  'marks above the BMP': (length) => `a${'\u{1D165}\u{1D16D}'.repeat(length / 4)}`,
  'as many marks as may be': (length) => cut(`a${'\u0300\u0316'.repeat(LIMITS.marksInARow / 2)}`, length),
  'as many marks as may be, sorted': (length) => cut(`a${'\u0316'.repeat(15)}${'\u0300'.repeat(15)}`, length),
  'composed by NFC': (length) => cut('e\u0301', length),
  'taken apart by NFC': (length) => cut('\u0958', length),
  'taken apart by NFC into more marks': (length) => cut('a\u0344', length),
  'Hangul by its letters': (length) => cut('\u1112\u1161\u11ab', length),
  Han: (length) => '牛'.repeat(length),
  'emoji that join': (length) => cut('👩\u200d👧', length),
  'lower case of two': (length) => cut('İ', length),
  sigma: (length) => cut('Σ', length),
  letters: (length) => 'a'.repeat(length),
  words: (length) => cut('aä ', length),
  blanks: (length) => `${' '.repeat(length)}x`,
  'blanks within': (length) => `x${'\u3000 \t'.repeat(length / 3)}x`,
  NUL: (length) => '\0'.repeat(length),
  'line breaks': (length) => cut('\r\n\u2028', length),
  'halves of pairs': (length) => '\ud800'.repeat(length),
  'right to left': (length) => cut('\u202e\u0627\u064b', length),
  'quotes and backslashes': (length) => cut('"\\', length),
  digits: (length) => '9'.repeat(length),
  slashes: (length) => cut('a/', length),
}

function cut(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
}
