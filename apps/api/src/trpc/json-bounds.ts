import { LIMITS } from '@taskwire/contract'
import { AppError } from '../errors.ts'

const QUOTE = 34
const BACKSLASH = 92

/**
 * Throws if JSON text exceeds the limit on nesting, values, or fields of one object. Any text within the limits is parsed
 * in tens of milliseconds.
 */
export function requireBounds(text: string): void {
  const token = /[",:[\]{}]/g
  // The number of fields so far, for each open level.
  const fields = [0]
  let values = 0
  while (token.test(text)) {
    switch (text[token.lastIndex - 1]) {
      case '"':
        token.lastIndex = endOfString(text, token.lastIndex)
        break
      case ',':
        values++
        break
      case ':': {
        const level = fields.length - 1
        const count = (fields[level] ?? 0) + 1
        if (count > LIMITS.fields) throw exceeded('VALIDATION', `holds an object of more than ${LIMITS.fields} fields`)
        fields[level] = count
        break
      }
      case '[':
      case '{':
        values++
        if (fields.push(0) - 1 > LIMITS.depth)
          throw exceeded('VALIDATION', `is nested deeper than ${LIMITS.depth} levels`)
        break
      default:
        if (fields.length > 1) fields.pop()
    }
    if (values > LIMITS.values)
      throw exceeded('LIMIT_EXCEEDED', `holds more than ${LIMITS.values} values; send it in parts`)
  }
}

/** Returns the index after a string's closing quote; `from` is the index after its opening quote. */
function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) return at + 1
    if (code === BACKSLASH) at++
  }
  return text.length
}

function exceeded(appCode: 'VALIDATION' | 'LIMIT_EXCEEDED', why: string): AppError {
  return new AppError(appCode, `The input ${why}.`)
}
