import { styleText } from 'node:util'
import type { Io, Output } from './io.ts'

export type Style = Parameters<typeof styleText>[0]
/** Colours the text if colours are on. */
export type Paint = (style: Style, text: string) => string

/** Writes for commands: results to standard output, messages to standard error. */
export interface Screen {
  paint: Paint
  isTTY: boolean
  /** The terminal's columns. */
  width: number
  /** Writes one line of a result. */
  line(text?: string): void
  json(value: unknown): void
  /** Writes JSON on one line. */
  jsonLine(value: unknown): void
  /** Writes text unchanged, such as an export. */
  raw(text: string): void
  /** Writes an informational message. */
  note(text: string): void
  /** Writes a warning. */
  warn(text: string): void
  /** Writes an error message. */
  fail(text: string): void
}

function hasColours(env: Io['env'], output: Output, allowed: boolean): boolean {
  if (!allowed || (env['NO_COLOR'] ?? '') !== '') return false
  const forced = env['FORCE_COLOR']
  if (forced !== undefined && forced !== '') return forced !== '0'
  return output.isTTY === true && env['TERM'] !== 'dumb'
}

export function createPaint(env: Io['env'], output: Output, allowed: boolean): Paint {
  return hasColours(env, output, allowed)
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_style, text) => text
}

export function createScreen({ env, out, err }: Io, colours: boolean): Screen {
  const paintError = createPaint(env, err, colours)
  const writeMessage = (text: string, style?: Style): void => {
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
    note: (text) => writeMessage(text),
    warn: (text) => writeMessage(text, 'yellow'),
    fail: (text) => writeMessage(text, 'red'),
  }
}

/** Returns JSON that is safe to show in a terminal: JSON.stringify does not escape C1 control characters. */
export function toJson(value: unknown, indent = 2): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Makes text safe for a terminal: control characters are replaced by visible ones. */
export function printable(text: string, { lines = false } = {}): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => {
    if (lines && (character === '\n' || character === '\t')) return character
    const code = character.charCodeAt(0)
    if (code === 0x7f) return '\u2421'
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd'
  })
}

/** Writes a line for each field with a value. */
export function printFields(
  { line, paint }: Screen,
  fields: readonly (readonly [name: string, value: string])[],
): void {
  const shown = fields.filter(([, value]) => value !== '')
  const width = shown.reduce((most, [name]) => Math.max(most, name.length + 1), 10)
  for (const [name, value] of shown) line(`${paint('dim', name.padEnd(width))}${printable(value)}`)
}
