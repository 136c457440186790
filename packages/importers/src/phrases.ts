/** Decides whether a word that is marked as a tag or list is also part of the sentence before it. */

// Words that a sentence seldom ends with.
const CONNECTING_WORDS = new Set(
  `a about across after against along among an and around as at before behind below beside between beyond but by
  down during for from in inside into like my near nor of off on onto or our out outside over past per since than the
  their through till to toward towards under until up upon via with within without your`.split(/\s+/u),
)

/** True if the sentence probably continues after this word. */
export function continuesSentence(word: string): boolean {
  return CONNECTING_WORDS.has(word.toLowerCase())
}
