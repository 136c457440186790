// Which characters a search treats as equal, besides upper and lower case. The database's tw.folded() does the same;
// search.db.test.ts of packages/db compares the two.

// Marks that a search ignores: Latin and Greek accents, Hebrew and Arabic points, Arabic's tatweel, and variation
// selectors. A search does not ignore the vowel signs and voicing marks of other writing systems, which make other
// words, marks on Cyrillic letters, since й and ї are letters of their own, or the stroke of ≠ and similar signs.
const MARKS =
  /(?<![\u0400-\u052f<=>\u2190-\u22ff])[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\ufe00-\ufe0f\u0640]/gu

// Letters that NFD does not decompose into what people type for them. The Cyrillic letters and the stress marks are
// here because MARKS leaves all marks on Cyrillic letters.
const LETTERS: Readonly<Record<string, string>> = {
  ς: 'σ',
  ı: 'i',
  ё: 'е',
  ѐ: 'е',
  ѝ: 'и',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ŧ: 't',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
  '\u0300': '',
  '\u0301': '',
}
const LETTER = new RegExp(`[${Object.keys(LETTERS).join('')}]`, 'gu')

/** Returns a text in the form that a search compares: without case and accents. */
export function foldForSearch(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFD')
    .replace(MARKS, '')
    .normalize('NFC')
    .replace(LETTER, (letter) => LETTERS[letter] ?? letter)
}

/** Returns the words of a search, folded; none if it is blank. */
export function searchWords(search: string): string[] {
  return foldForSearch(search)
    .split(/\s+/u)
    .filter((word) => word !== '')
}
