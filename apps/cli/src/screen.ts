import { styleText } from 'node:util'
import type { Io, Output } from './io.ts'

export type Style = Parameters<typeof styleText>[0]
/** Gives the text a colour, where there are colours. */
export type Paint = (style: Style, text: string) => string

/** What commands write to: results on standard output, words about them on standard error. */
export interface Screen {
  paint: Paint
  isTTY: boolean
  /** Columns of the terminal. */
  width: number
  /** One line of a result. */
  line(text?: string): void
  json(value: unknown): void
  /** The same on a line of its own. */
  jsonLine(value: unknown): void
  /** Text that is written as it is, such as an export. */
  raw(text: string): void
  /** A line for the person at the terminal. */
  note(text: string): void
  /** The same, for what may go wrong. */
  warn(text: string): void
  /** The same, for what did not work. */
  fail(text: string): void
}

function hasColours(env: Io['env'], output: Output, wanted: boolean): boolean {
  if (!wanted || (env['NO_COLOR'] ?? '') !== '') return false
  const forced = env['FORCE_COLOR']
  if (forced !== undefined && forced !== '') return forced !== '0'
  return output.isTTY === true && env['TERM'] !== 'dumb'
}

export function createPaint(env: Io['env'], output: Output, wanted: boolean): Paint {
  return hasColours(env, output, wanted)
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_style, text) => text
}

export function createScreen({ env, out, err }: Io, colours: boolean): Screen {
  const paintError = createPaint(env, err, colours)
  const say = (text: string, style?: Style): void => {
    const shown = printable(text, { lines: true })
    err.write(`${style === undefined ? shown : paintError(style, shown)}\n`)
  }
  return {
    paint: createPaint(env, out, colours),
    isTTY: out.isTTY === true,
    width: Math.max(20, out.columns ?? 80),
    line: (text = '') => void out.write(`${text}\n`),
    json: (value) => void out.write(`${toJson(value)}\n`),
    jsonLine: (value) => void out.write(`${toJson(value, 0)}\n`),
    raw: (text) => void out.write(text),
    note: (text) => say(text),
    warn: (text) => say(text, 'yellow'),
    fail: (text) => say(text, 'red'),
  }
}

/** JSON for people and programs. Bare C1 control characters would reach a terminal: they are escaped. */
export function toJson(value: unknown, indent = 2): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Text from elsewhere, safe for a terminal: control characters become visible ones. */
export function printable(text: string, { lines = false } = {}): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => {
    if (lines && (character === '\n' || character === '\t')) return character
    const code = character.charCodeAt(0)
    if (code === 0x7f) return '\u2421'
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd'
  })
}

/** A line for each field that has a value. */
export function printFields(
  { line, paint }: Screen,
  fields: readonly (readonly [name: string, value: string])[],
): void {
  for (const [name, value] of fields) if (value !== '') line(`${paint('dim', name.padEnd(10))}${printable(value)}`)
}
