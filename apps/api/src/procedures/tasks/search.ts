import { searchWords } from '@taskwire/contract'
import { arrayText, type Values } from '@taskwire/db'

/** Returns the parameters of a search that is not blank. */
export function searchValues(search: string): Values {
  const words = searchWords(search)
  const like = words.map((word) => `%${word.replace(/[%_\\]/g, String.raw`\$&`)}%`)
  return { words: arrayText(words), like: arrayText(like) }
}
