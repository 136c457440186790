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

describe('a line', () => {
  test.each([
    ['as it is', 'Buy milk', 'Buy milk'],
    ['trimmed', ' \t\u00a0\u3000Buy\ufeff\n', 'Buy'],
    ['blanks within it kept', 'a \u3000 b', 'a \u3000 b'],
    ['composed', 'e\u0301', 'é'],
    ['composed to fewer', 'e\u0301'.repeat(10), 'é'.repeat(10)],
    ['of blanks that are none to JavaScript', '\u200b', '\u200b'],
    ['ten astral characters', '😀'.repeat(10), '😀'.repeat(10)],
    ['longer before it is trimmed', `${' '.repeat(50)}x`, 'x'],
    ['beginning with a mark', '\u0301x', '\u0301x'],
  ])('%s', (_what, given, kept) => {
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
    [1, 'is not a text'],
    [null, 'is not a text'],
    [['a'], 'is not a text'],
    [undefined, 'is missing'],
  ])('refuses %j', (given, message) => {
    expect(messageOf(line, given)).toBe(message)
  })
})

describe('text of many lines', () => {
  test('keeps blanks, line breaks and controls, and is composed', () => {
    for (const text of ['', ' a\n\tb\r\n', '\u0001\u0085\u2028', ' ']) expect(lines.parse(text)).toBe(text)
    expect(lines.parse('e\u0301\n')).toBe('é\n')
  })

  test('refuses what PostgreSQL cannot hold, and what is too long', () => {
    expect(messageOf(lines, 'a\u0000')).toBe('holds a NUL character; remove it')
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

  test('some may follow each other, and no more, whatever they are', () => {
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

  test('those that a character is taken apart into count, so that what is read back is taken again', () => {
    const text = `\u0958${'\u0301'.repeat(MOST)}`
    expect(text.normalize('NFC').match(/\p{M}+/u)?.[0]).toHaveLength(MOST + 1)
    expect(messageOf(long, text)).toBe(tooMany)
  })

  test('what is far too long is refused before it is normalised, which would take minutes', () => {
    for (const schema of [line, lines])
      expect(messageOf(schema, marks(1_000_000))).toBe('is longer than 10 characters; shorten it')
  })

  test('what composes to few characters may be sent as many', () => {
    // Four code points to one, of two units each: as long as there is.
    const text = '\u03b1\u0313\u0300\u0345'
    expect(text.normalize('NFC')).toHaveLength(1)
    expect(line.parse(text.repeat(10))).toBe(text.normalize('NFC').repeat(10))
  })

  test('whatever is taken is taken again as it is', () => {
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

  test('blanks at the ends are the same before and after it is normalised', () => {
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
    // JavaScript's lower case: a dot stays a mark, and composes with nothing.
    ['İ', 'i\u0307'],
    ['I', 'i'],
    ['ı', 'ı'],
    // A final sigma is one only at the end of a word, so these two are not the same.
    ['ΟΔΟΣ', 'οδος'],
    ['ΟΔΟΣΑ', 'οδοσα'],
    ['Σ', 'σ'],
    ['ẞ', 'ß'],
    ['STRASSE', 'strasse'],
    ['ǅ', 'ǆ'],
    // Kelvin is a K by NFC; the Ångström sign an Å.
    ['\u212a', 'k'],
    ['\u212b', 'å'],
    // Lower case may compose otherwise than upper case does: T with diaeresis is composed only in lower case.
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

  test('tags that have one key merge; the first spelling is kept, where it stood', () => {
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
