import { foldForSearch, searchWords } from '@taskwire/contract/search'
import type { Task } from '@taskwire/contract/task'

// A letter, digit or mark of a word, which ends only where another kind of character follows. In writing systems
// without spaces, and after marks that follow an emoji, a word can begin at any character. In the database these are
// tw.search_patterns(), tw.marks() and tw.unspaced().
const IN_WORD =
  /^(?![\ufe00-\ufe0f\u20e3\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}])[\p{L}\p{Nd}\p{M}]/u

/** The searched text of each task. Folding takes most of the time of a search. */
const foldedTexts = new WeakMap<Task, string>()

/** Returns whether a task has every word of a search; undefined if the search is blank. */
export function searchMatcher(search: string): ((task: Task) => boolean) | undefined {
  const words = searchWords(search).map((text) => ({ text, anywhere: !IN_WORD.test(text) }))
  if (words.length === 0) return undefined
  return (task) => {
    const folded = foldedText(task)
    return words.every(({ text, anywhere }) => (anywhere ? folded.includes(text) : hasWord(folded, text)))
  }
}

function foldedText(task: Task): string {
  let folded = foldedTexts.get(task)
  if (folded === undefined) {
    folded = foldForSearch(`${task.title}\n${task.description ?? ''}`)
    foldedTexts.set(task, folded)
  }
  return folded
}

/** True if a word of the text begins with `word`. */
function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
    if (!IN_WORD.test(characterBefore(text, at))) return true
  return false
}

function characterBefore(text: string, at: number): string {
  const isPair = (text.codePointAt(at - 2) ?? 0) > 0xffff
  return text.slice(isPair ? at - 2 : Math.max(0, at - 1), at)
}
