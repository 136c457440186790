import { LIMITS } from '@taskwire/contract'

/** Kinds of text whose processing costs differ. Each function returns about `length` UTF-16 units. */
export const TEXT_KINDS: Record<string, (length: number) => string> = {
  'marks of two classes, alternating': (length) => `a${'\u0300\u0316'.repeat(length / 2)}`,
  'marks of one class': (length) => `a${'\u0301'.repeat(length)}`,
  'marks above the BMP': (length) => `a${'\u{1D165}\u{1D16D}'.repeat(length / 4)}`,
  'the most marks allowed': (length) => repeatTo(`a${'\u0300\u0316'.repeat(LIMITS.marksInARow / 2)}`, length),
  'the most marks allowed, sorted': (length) => repeatTo(`a${'\u0316'.repeat(15)}${'\u0300'.repeat(15)}`, length),
  'composed by NFC': (length) => repeatTo('e\u0301', length),
  'decomposed by NFC': (length) => repeatTo('\u0958', length),
  'decomposed by NFC into more marks': (length) => repeatTo('a\u0344', length),
  'Hangul as jamo': (length) => repeatTo('\u1112\u1161\u11ab', length),
  Han: (length) => '牛'.repeat(length),
  'joined emoji': (length) => repeatTo('👩\u200d👧', length),
  'a lower case of two characters': (length) => repeatTo('İ', length),
  sigma: (length) => repeatTo('Σ', length),
  letters: (length) => 'a'.repeat(length),
  words: (length) => repeatTo('aä ', length),
  blanks: (length) => `${' '.repeat(length)}x`,
  'blanks inside': (length) => `x${'\u3000 \t'.repeat(length / 3)}x`,
  NUL: (length) => '\0'.repeat(length),
  'line breaks': (length) => repeatTo('\r\n\u2028', length),
  'lone surrogates': (length) => '\ud800'.repeat(length),
  'right to left': (length) => repeatTo('\u202e\u0627\u064b', length),
  'quotes and backslashes': (length) => repeatTo('"\\', length),
  digits: (length) => '9'.repeat(length),
  slashes: (length) => repeatTo('a/', length),
}

function repeatTo(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
}
