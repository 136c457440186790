/** Words that are marked as a tag or a list and also belong to a sentence. */

// What cannot end a sentence: a marked word after one of these is part of it.
const SMALL = new Set(
  `a about across after against along among an and around as at before behind below beside between beyond but by
  down during for from in inside into like my near nor of off on onto or our out outside over past per since than the
  their through till to toward towards under until up upon via with within without your`.split(/\s+/u),
)

/** True where the sentence goes on after this word. */
export function goesOn(word: string): boolean {
  return SMALL.has(word.toLowerCase())
}
