/** The width of text in a terminal's columns. */

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

const NARROW = /^[\u0020-\u007e\u00a0-\u02ff\u0370-\u058f\u2010-\u2027]*$/u
const INVISIBLE = /^[\p{Mn}\p{Me}\p{Cc}\p{Default_Ignorable_Code_Point}]+$/u
// Halfwidth forms belong to wide scripts, but are narrow.
const HALFWIDTH = /^[\uff61-\uffdc\uffe8-\uffee]/u
const WIDE =
  /^[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{scx=Hangul}\p{sc=Yi}\p{sc=Tangut}\p{sc=Nushu}\u3000-\u303e\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6]/u
const EMOJI = /^\p{Emoji_Presentation}|^\p{Regional_Indicator}{2}|^\p{Emoji}\ufe0f/u
// Han and Bopomofo share these with many scripts, and terminals show them narrow.
const SHARED = /^[\u00b7\u02c7\u02c9-\u02cb\u02d9]/u

function graphemeWidth(cluster: string): number {
  if (INVISIBLE.test(cluster)) return 0
  if (EMOJI.test(cluster)) return 2
  return WIDE.test(cluster) && !HALFWIDTH.test(cluster) && !SHARED.test(cluster) ? 2 : 1
}

/** The columns that a text takes. It must hold no control characters or colours. */
export function widthOf(text: string): number {
  if (NARROW.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment)
  return width
}

/** Cuts text to a number of columns, ending in `…`. Grapheme clusters stay whole. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let kept = ''
  let width = 0
  for (const { segment } of graphemes.segment(text)) {
    width += graphemeWidth(segment)
    if (width > columns - 1) break
    kept += segment
  }
  return `${kept.trimEnd()}…`
}

/** Pads text with blanks to a number of columns. */
export function pad(text: string, columns: number, side: 'left' | 'right' = 'right'): string {
  const blanks = ' '.repeat(Math.max(0, columns - widthOf(text)))
  return side === 'right' ? text + blanks : blanks + text
}
