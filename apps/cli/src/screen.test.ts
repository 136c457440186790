import { describe, expect, test } from 'vitest'
import { createPaint, createScreen, printable, toJson } from './screen.ts'
import { createSink } from './testing/terminal.ts'
import { Readable } from 'node:stream'

const RED = '\u001b[31mx\u001b[39m'

describe('colours', () => {
  const terminal = createSink(80).output
  const pipe = createSink().output

  test.each([
    ['on a terminal', terminal, {}, true, RED],
    ['not in a pipe', pipe, {}, true, 'x'],
    ['not with --no-color', terminal, {}, false, 'x'],
    ['not with NO_COLOR', terminal, { NO_COLOR: '1' }, true, 'x'],
    ['with an empty NO_COLOR, which counts as none', terminal, { NO_COLOR: '' }, true, RED],
    ['not on a dumb terminal', terminal, { TERM: 'dumb' }, true, 'x'],
    ['in a pipe with FORCE_COLOR', pipe, { FORCE_COLOR: '1' }, true, RED],
    ['not with FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }, true, 'x'],
    ['not with both, since NO_COLOR wins', pipe, { NO_COLOR: '1', FORCE_COLOR: '1' }, true, 'x'],
  ])('%s', (_name, output, env, allowed, expected) => {
    expect(createPaint(env, output, allowed)('red', 'x')).toBe(expected)
  })
})

test('printable makes control characters visible', () => {
  expect(printable('a\u001b[31mb\u0007\u009bc\u007f')).toBe('a␛[31mb␇\ufffdc␡')
  expect(printable('a\nb\tc')).toBe('a␊b␉c')
  expect(printable('a\nb\tc\r', { lines: true })).toBe('a\nb\tc␍')
})

test('JSON contains no control characters, and parses to the same value', () => {
  const value = { text: '\u001b\u009b\u007f\u2028 日本 \n' }
  expect(toJson(value)).not.toMatch(/[\u007f-\u009f\u2028\u001b]/u)
  expect(JSON.parse(toJson(value))).toEqual(value)
})

test('results go to standard output, messages to standard error', () => {
  const [out, err] = [createSink(), createSink()]
  const screen = createScreen(
    {
      env: {},
      cwd: '/',
      stdin: Readable.from([]),
      out: out.output,
      err: err.output,
      now: () => new Date(),
      timeZone: 'UTC',
    },
    true,
  )
  screen.line('a result')
  screen.json([])
  screen.raw('as it is')
  screen.note('a note\u001b')
  screen.warn('a warning')
  screen.fail('a failure')
  expect(out.text).toBe('a result\n[]\nas it is')
  expect(err.text).toBe('a note␛\na warning\na failure\n')
})
