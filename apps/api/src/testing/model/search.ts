import type { Task } from '@taskwire/contract'

const LETTERS: Record<string, string> = { ς: 'σ', ß: 'ss', ı: 'i', ø: 'o', ł: 'l', æ: 'ae' }

function fold(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f\ufe0f]/gu, '')
    .replace(/./gu, (letter) => LETTERS[letter] ?? letter)
}

const inWord = /[\p{L}\p{N}\p{M}]/u
const NO_BLANKS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\u30fc]/u

/** Whether each word of the search begins a word of title or description. A symbol may be anywhere. */
export function finds(search: string, { title, description }: Task): boolean {
  const text = [...fold(`${title}\n${description ?? ''}`)]
  return fold(search)
    .split(/\s+/u)
    .filter((word) => word !== '')
    .every((word) => {
      const wanted = [...word]
      return text.some((_, index) => isStart(text, index) && wanted.every((letter, nr) => text[index + nr] === letter))
    })
}

/** Whether a word may start here. In writing systems without spaces, one may start at each letter. */
function isStart(text: readonly string[], index: number): boolean {
  const [before = '', here = ''] = [text[index - 1], text[index]]
  return !inWord.test(here) || !inWord.test(before) || NO_BLANKS.test(here) || NO_BLANKS.test(before)
}
