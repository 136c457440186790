import { LIMITS } from '@taskwire/contract'
import { AppError } from '../errors.ts'

const QUOTE = 34
const BACKSLASH = 92

/**
 * Refuses JSON text that goes beyond a limit: in levels, values, or fields of one object. What is within
 * them is parsed in some tens of milliseconds at most, whatever it is made of.
 */
export function requireBounds(text: string): void {
  const mark = /[",:[\]{}]/g
  // Fields so far, of each level that is open.
  const fields = [0]
  let values = 0
  while (mark.test(text)) {
    switch (text[mark.lastIndex - 1]) {
      case '"':
        mark.lastIndex = endOfString(text, mark.lastIndex)
        break
      case ',':
        values++
        break
      case ':': {
        const level = fields.length - 1
        const count = (fields[level] ?? 0) + 1
        if (count > LIMITS.fields) throw beyond('VALIDATION', `holds an object of more than ${LIMITS.fields} fields`)
        fields[level] = count
        break
      }
      case '[':
      case '{':
        values++
        if (fields.push(0) - 1 > LIMITS.depth)
          throw beyond('VALIDATION', `is nested deeper than ${LIMITS.depth} levels`)
        break
      default:
        if (fields.length > 1) fields.pop()
    }
    if (values > LIMITS.values)
      throw beyond('LIMIT_EXCEEDED', `holds more than ${LIMITS.values} values; send it in parts`)
  }
}

/** Where a string ends, given where it begins after its opening quote. */
function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) return at + 1
    if (code === BACKSLASH) at++
  }
  return text.length
}

function beyond(appCode: 'VALIDATION' | 'LIMIT_EXCEEDED', why: string): AppError {
  return new AppError(appCode, `The input ${why}.`)
}
