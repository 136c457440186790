import jsTokens from 'js-tokens'

const BLANK = new Set([
  'WhiteSpace',
  'LineTerminatorSequence',
  'SingleLineComment',
  'MultiLineComment',
  'HashbangComment',
])

/**
 * The tokens of SQL: strings, quoted names, `$$` (the body of a function is read like the rest), parameters, words and
 * numbers, operators, single characters. Comments and blanks match, but leave the group empty.
 */
const SQL_TOKEN =
  /--.*|\/\*[^]*?\*\/|\s+|('(?:[^']|'')*'|"[^"]*"|\$\w*\$|[:$]\w+|[\p{L}\w]+(?:\.\d+)?|::|:=|[+\-*/<>=~!@#%^&|`?]+|.)/gu

/** Returns the number of tokens of a TypeScript or SQL file, without comments. */
export function countTokens(path: string, text: string): number {
  if (path.endsWith('.sql')) return [...text.matchAll(SQL_TOKEN)].filter((match) => match[1] !== undefined).length
  return [...jsTokens(text)].filter((token) => !BLANK.has(token.type)).length
}
