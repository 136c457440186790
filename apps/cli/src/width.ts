import stringWidth from 'string-width'

/** The width of text in a terminal's columns. */

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** Characters of one column each. Most text has no others, and is then measured a hundred times faster. */
const NARROW = /^[\u0020-\u007e\u00a0-\u02ff\u0370-\u058f\u2010-\u2027]*$/u

/** Returns the columns that a text takes. The text must have no control characters or colours. */
export function widthOf(text: string): number {
  return NARROW.test(text) ? text.length : stringWidth(text)
}

/** Cuts text to a number of columns, ending in `…`. Grapheme clusters stay whole. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let kept = ''
  let width = 0
  for (const { segment } of graphemes.segment(text)) {
    width += widthOf(segment)
    if (width > columns - 1) break
    kept += segment
  }
  return `${kept.trimEnd()}…`
}
