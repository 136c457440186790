import { expect, test } from 'vitest'
import { decodeText } from './decode.ts'

const kindsOf = (bytes: Uint8Array): unknown[] | undefined =>
  decodeText(bytes)?.notes.map(({ kind, line }) => (line === undefined ? kind : `${kind} ${line}`))

test.each([
  ['UTF-8', Buffer.from('grüne Äpfel')],
  ['UTF-8 with a byte-order mark', Buffer.from('\uFEFFgrüne Äpfel')],
  ['UTF-16, little-endian', Buffer.from('\uFEFFgrüne Äpfel', 'utf16le')],
  ['UTF-16, big-endian', Buffer.from('\uFEFFgrüne Äpfel', 'utf16le').swap16()],
])('%s is decoded', (_, bytes) => {
  expect(decodeText(bytes)).toEqual({ text: 'grüne Äpfel', notes: [] })
})

test('text whose bytes beyond ASCII are mostly invalid as UTF-8 is read as Windows-1252', () => {
  const bytes = Buffer.from('gr\u00fcne \u00c4pfel', 'latin1')
  expect(decodeText(bytes)?.text).toBe('grüne Äpfel')
  expect(kindsOf(bytes)).toEqual(['encoding'])
})

test('an invalid byte in UTF-8 is replaced, and its line is noted', () => {
  const bytes = Buffer.concat([Buffer.from('grüne\nÄpfel '), Buffer.from([0xff]), Buffer.from('\nso\n')])
  expect(decodeText(bytes)?.text).toBe('grüne\nÄpfel \uFFFD\nso\n')
  expect(kindsOf(bytes)).toEqual(['characters 2'])
})

test('with a byte that Windows-1252 does not have, the text is read as UTF-8, and the byte is replaced', () => {
  expect(kindsOf(Buffer.from([0x41, 0x81, 0x42]))).toEqual(['characters 1'])
})

test('NUL and other control characters are kept, since the importers handle them', () => {
  expect(decodeText(Buffer.from('Buy\0 milk and \u0001bread\n'))).toEqual({
    text: 'Buy\0 milk and \u0001bread\n',
    notes: [],
  })
})

test.each([
  ['a program', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0xff, 0, 1])],
  ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452000000100000001008020000', 'hex')],
])('%s is not text', (_, bytes) => {
  expect(decodeText(bytes)).toBeNull()
})
