import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LIMITS } from './limits.ts'
import { codePoints, mergeTags, multiLine, singleLine, textKey } from './text.ts'

const SEED = Number(process.env['TASKWIRE_SEED'])
fc.configureGlobal({ seed: SEED })

const line = singleLine({ max: 10 })
const lines = multiLine({ max: 10 })
const messageOf = (schema: typeof line, value: unknown): string | undefined =>
  schema
    .safeParse(value)
    .error?.issues.map((issue) => issue.message)
    .join('; ')

describe('singleLine', () => {
  test.each([
    ['plain text', 'Buy milk', 'Buy milk'],
    ['a text with outer blanks, which are removed', ' \t\u00a0\u3000Buy\ufeff\n', 'Buy'],
    ['inner blanks, which are kept', 'a \u3000 b', 'a \u3000 b'],
    ['a decomposed character, which is composed', 'e\u0301', 'é'],
    ['a text that is short enough once composed', 'e\u0301'.repeat(10), 'é'.repeat(10)],
    ['a zero width space, which trim() keeps', '\u200b', '\u200b'],
    ['ten astral characters', '😀'.repeat(10), '😀'.repeat(10)],
    ['a text that is short enough once trimmed', `${' '.repeat(50)}x`, 'x'],
    ['a text that begins with a mark', '\u0301x', '\u0301x'],
  ])('accepts: %s', (_what, given, kept) => {
    expect(line.parse(given)).toBe(kept)
  })

  test.each([
    ['', 'is empty; give at least one character that is not a blank'],
    [' \n\u2028', 'is empty; give at least one character that is not a blank'],
    ['12345678901', 'is longer than 10 characters; shorten it'],
    ['😀'.repeat(11), 'is longer than 10 characters; shorten it'],
    ['a\nb', 'holds a control character or a line break; remove it'],
    ['a\u0000b', 'holds a control character or a line break; remove it'],
    ['a\u0085b', 'holds a control character or a line break; remove it'],
    ['\u0085', 'holds a control character or a line break; remove it'],
    ['a\u2029b', 'holds a control character or a line break; remove it'],
    ['a\ud83d', 'holds half of a surrogate pair; send whole characters'],
    ['\ude00\ud83d', 'holds half of a surrogate pair; send whole characters'],
    [1, 'is not a string'],
    [null, 'is not a string'],
    [['a'], 'is not a string'],
    [undefined, 'is missing'],
  ])('refuses %j', (given, message) => {
    expect(messageOf(line, given)).toBe(message)
  })
})

describe('multiLine', () => {
  test('keeps blanks, line breaks and control characters, and composes characters', () => {
    for (const text of ['', ' a\n\tb\r\n', '\u0001\u0085\u2028', ' ']) expect(lines.parse(text)).toBe(text)
    expect(lines.parse('e\u0301\n')).toBe('é\n')
  })

  test('refuses what PostgreSQL cannot store, and text that is too long', () => {
    expect(messageOf(lines, 'a\u0000')).toBe('contains a NUL character; remove it')
    expect(messageOf(lines, '\ud800')).toBe('holds half of a surrogate pair; send whole characters')
    expect(messageOf(lines, '\n'.repeat(11))).toBe('is longer than 10 characters; shorten it')
    expect(messageOf(multiLine({ min: 1, max: 10 }), '')).toBe('is empty; give at least one character')
  })
})

describe('combining marks', () => {
  const MOST = LIMITS.marksInARow
  const tooMany = `holds more than ${MOST} combining marks in a row; remove some`
  const long = multiLine({ max: 1000 })
  const marks = (count: number): string => 'a\u0300\u0316'.padEnd(1 + count, '\u0300\u0316')

  test('of any kind may follow each other, up to the limit', () => {
    expect(long.parse(marks(MOST))).toBe(marks(MOST).normalize('NFC'))
    for (const text of [
      marks(MOST + 1),
      marks(MOST + 1).slice(1),
      `x${marks(MOST)}\u{1D165}`,
      `\u0915${'\u093f'.repeat(MOST + 1)}`,
    ]) {
      expect(messageOf(long, text)).toBe(tooMany)
      expect(messageOf(singleLine({ max: 1000 }), text)).toBe(tooMany)
    }
    expect(long.safeParse(`${marks(MOST)}b`.repeat(20)).success).toBe(true)
  })

  test('from decomposed characters count too, so that a stored text is accepted again', () => {
    const text = `\u0958${'\u0301'.repeat(MOST)}`
    expect(text.normalize('NFC').match(/\p{M}+/u)?.[0]).toHaveLength(MOST + 1)
    expect(messageOf(long, text)).toBe(tooMany)
  })

  test('text that is far too long is refused before NFC, which would take minutes', () => {
    for (const schema of [line, lines])
      expect(messageOf(schema, marks(1_000_000))).toBe('is longer than 10 characters; shorten it')
  })

  test('text that is short enough once composed may be sent decomposed', () => {
    // No character is composed from more than these four code points.
    const text = '\u03b1\u0313\u0300\u0345'
    expect(text.normalize('NFC')).toHaveLength(1)
    expect(line.parse(text.repeat(10))).toBe(text.normalize('NFC').repeat(10))
  })

  test('an accepted text is accepted again unchanged', () => {
    const unit = fc.constantFrom(
      'a',
      '\u0300',
      '\u0316',
      '\u0958',
      '\u0344',
      '\u{1D15E}',
      '\uac00',
      '\u11a8',
      ' ',
      '\u2000',
    )
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
        for (const schema of [long, singleLine({ max: 1000 })]) {
          const parsed = schema.safeParse(text)
          if (parsed.success) expect(schema.parse(parsed.data)).toBe(parsed.data)
        }
      }),
    )
  })

  test('trimming before and after NFC is the same', () => {
    for (let code = 0; code < 0x110000; code++) {
      if (code >= 0xd800 && code < 0xe000) continue
      const text = `${String.fromCodePoint(code)}x${String.fromCodePoint(code)}`
      if (text.trim().normalize('NFC') !== text.normalize('NFC').trim()) expect.unreachable(code.toString(16))
    }
  })
})

describe(`keys of text (seed ${SEED})`, () => {
  test('code points are counted, not UTF-16 units or graphemes', () => {
    expect(['', 'a', '😀', 'e\u0301', '👩‍👧'].map(codePoints)).toEqual([0, 1, 1, 2, 3])
  })

  test.each([
    ['Work', 'work'],
    ['ÉCOLE', 'école'],
    // JavaScript's lower case keeps the dot as a mark, which does not compose.
    ['İ', 'i\u0307'],
    ['I', 'i'],
    ['ı', 'ı'],
    // A final sigma occurs only at the end of a word, so these two differ.
    ['ΟΔΟΣ', 'οδος'],
    ['ΟΔΟΣΑ', 'οδοσα'],
    ['Σ', 'σ'],
    ['ẞ', 'ß'],
    ['STRASSE', 'strasse'],
    ['ǅ', 'ǆ'],
    // NFC turns the Kelvin sign into K, and the Ångström sign into Å.
    ['\u212a', 'k'],
    ['\u212b', 'å'],
    // T with diaeresis composes only in lower case.
    ['T\u0308', 'ẗ'],
    ['Ꮿ', 'ꮿ'],
    ['牛乳', '牛乳'],
  ])('%s is %s', (text, key) => {
    expect(textKey(text.normalize('NFC'))).toBe(key)
  })

  test('the key of a key is itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 8 }), (text) => {
        const key = textKey(text.normalize('NFC'))
        expect(textKey(key)).toBe(key)
        expect(key.normalize('NFC')).toBe(key)
      }),
      { numRuns: 1000 },
    )
  })

  test('tags with the same key merge; the first spelling keeps its position', () => {
    expect(mergeTags(['Home', 'work', 'HOME', 'home', 'Work', 'x'])).toEqual(['Home', 'work', 'x'])
    expect(mergeTags(['İ', 'i\u0307', 'i'])).toEqual(['İ', 'i'])
    expect(mergeTags([])).toEqual([])
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'A', 'é', 'É', 'b', 'ß', 'ẞ', 'σ', 'Σ', 'ς')), (tags) => {
        const merged = mergeTags(tags)
        expect(new Set(merged.map(textKey)).size).toBe(merged.length)
        expect(merged).toEqual(
          tags.filter((tag, i) => tags.findIndex((other) => textKey(other) === textKey(tag)) === i),
        )
        expect(mergeTags(merged)).toEqual(merged)
      }),
    )
  })
})
