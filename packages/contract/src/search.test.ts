import { expect, test } from 'vitest'
import { foldForSearch, searchWords } from './search.ts'

test.each([
  ['Café', 'cafe'],
  ['cafe\u0301', 'cafe'],
  ['İSTANBUL', 'istanbul'],
  ['ışık', 'isik'],
  ['Straße', 'strasse'],
  ['ẞ', 'ss'],
  ['Łódź', 'lodz'],
  ['Ærøskøbing', 'aeroskobing'],
  ['đường', 'duong'],
  ['ΟΔΌΣ', 'οδοσ'],
  ['Ёлка', 'елка'],
  // Marks that make other letters or other words are kept.
  ['Йод і їжа', 'йод і їжа'],
  ['がぎ', 'がぎ'],
  ['हिन्दी', 'हिन्दी'],
  ['นิม', 'นิม'],
  ['우유', '우유'],
  ['a≠b', 'a≠b'],
  ['שָׁלוֹם', 'שלום'],
  ['مَدْرَسَة', 'مدرسة'],
  ['❤️', '❤'],
  ['½ ① Ａ', '½ ① ａ'],
])('%s is searched as %s', (text, folded) => {
  expect(foldForSearch(text)).toBe(folded)
  // Folding again changes nothing.
  expect(foldForSearch(folded)).toBe(folded)
})

test('a search is split at any blanks; a word that folds to nothing is dropped', () => {
  expect(searchWords('  Milk \u3000 \u0301 café\u00a0C++ ')).toEqual(['milk', 'cafe', 'c++'])
  for (const blank of ['', ' ', '\u3000', '\u0301', '\ufe0f \u0308']) expect(searchWords(blank)).toEqual([])
})
