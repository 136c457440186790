/**
 * iCalendar as a tree of components. The lines are put together and nested here rather than by
 * ical.js, which gives up a whole file at its first bad line; each line is then read by ical.js.
 */
import ICAL from 'ical.js'
import { splitLines, unixLines } from './text.ts'
import type { Line } from './text.ts'

export interface Property {
  /** Upper case. */
  name: string
  /** By upper-case name. */
  params: Map<string, string>
  /** The value as it stands in the file, still escaped. */
  raw: string
  line: number
}

export interface Component {
  /** Upper case. */
  name: string
  line: number
  /** Its own content lines, unfolded. */
  source: string[]
  properties: Property[]
  components: Component[]
  unreadable: Line[]
  /** False where its END is missing. */
  closed: boolean
}

/** The root holds what stands at the top level. */
export function readComponents(text: string): Component {
  const root = newComponent('', 1)
  const open = [root]
  for (const line of unfold(text)) {
    const current = open.at(-1) ?? root
    const [, edge, name = ''] = /^(BEGIN|END)\s*:\s*(\S+)\s*$/iu.exec(line.text) ?? []
    if (edge === undefined) addProperty(current, line)
    else if (edge.toUpperCase() === 'BEGIN') begin(open, name.toUpperCase(), line)
    else end(open, name.toUpperCase(), line)
  }
  for (const component of open.slice(1)) component.closed = false
  return root
}

function newComponent(name: string, line: number): Component {
  return { name, line, source: [], properties: [], components: [], unreadable: [], closed: true }
}

// Far more than any calendar has.
const MOST_LEVELS = 20
// These are never within one another: where one begins, an END before it is missing.
const APART = ['VTODO', 'VEVENT', 'VJOURNAL', 'VFREEBUSY', 'VTIMEZONE', 'VCALENDAR']

function begin(open: Component[], name: string, line: Line): void {
  const apart = name === 'VCALENDAR' ? APART : APART.slice(0, -1)
  const unended = apart.includes(name) ? open.findIndex((each) => apart.includes(each.name)) : -1
  if (unended >= 0) for (const component of open.splice(unended)) component.closed = false
  if (open.length > MOST_LEVELS) {
    open.at(-1)?.unreadable.push(line)
    return
  }
  const component = newComponent(name, line.number)
  open.at(-1)?.components.push(component)
  open.push(component)
}

function end(open: Component[], name: string, line: Line): void {
  const at = open.findLastIndex((component) => component.name === name)
  if (at <= 0) {
    open.at(-1)?.unreadable.push(line)
    return
  }
  for (const component of open.splice(at).slice(1)) component.closed = false
}

/** Joins folded lines, also vCalendar's quoted-printable ones, which end in `=`. Blank lines go. */
function unfold(text: string): Line[] {
  const lines: Line[] = []
  // The pieces of the last line: joined once, as it may be folded thousands of times.
  let pieces: string[] = []
  let isQuoted = false
  const finish = (): void => {
    const last = lines.at(-1)
    if (last) last.text = pieces.join('')
  }
  for (const line of splitLines(text.replace(/(^|[\r\n])\uFEFF/gu, '$1'))) {
    const last = pieces.at(-1) ?? ''
    if (isQuoted && last.endsWith('=')) pieces.push((pieces.pop() ?? '').slice(0, -1), line.text)
    else if (pieces.length > 0 && /^[ \t]/u.test(line.text)) pieces.push(line.text.slice(1))
    else if (line.text.trim() !== '') {
      finish()
      lines.push({ ...line })
      pieces = [line.text]
      isQuoted = /^[^:]*[;=]QUOTED-PRINTABLE[;:]/iu.test(line.text)
    }
  }
  finish()
  return lines
}

function addProperty(component: Component, line: Line): void {
  component.source.push(line.text)
  const property = readProperty(line)
  if (property) component.properties.push(property)
  else component.unreadable.push(line)
}

// ical.js reads parameters in time by the square of their length; real ones have some hundred characters.
const MOST_PARAMETERS = 10_000

/** Name and parameters are short, whatever the length of the value. */
function hasShortHead(text: string): boolean {
  let quoted = false
  for (let at = 0; at < Math.min(text.length, MOST_PARAMETERS); at += 1) {
    const char = text.charAt(at)
    if (char === '"') quoted = !quoted
    else if (char === ':' && !quoted) return true
  }
  return text.length < MOST_PARAMETERS
}

function readProperty({ text, number }: Line): Property | null {
  const name = /^[\w-]+/u.exec(text)?.[0]
  if (name === undefined || !hasShortHead(text)) return null
  const rest = text
    .slice(name.length)
    // vCalendar leaves out the names of these parameters.
    .replace(/^([^:]*);(QUOTED-PRINTABLE|BASE64|8BIT|7BIT)(?=[;:])/iu, '$1;ENCODING=$2')
  // Under a name and a type that ical.js does not know it leaves the value as it is.
  const jcal = parseProperty(`X-RAW${rest.replace(/^([^:"]*);VALUE=([\w-]+)(?=[;:])/iu, '$1;X-VALUE=$2')}`)
  if (!jcal) return null
  const params = Object.entries(jcal[1]).map(([key, value]): [string, string] => [
    key === 'x-value' ? 'VALUE' : key.toUpperCase(),
    String(value),
  ])
  return { name: name.toUpperCase(), params: new Map(params), raw: jcal[3], line: number }
}

function parseProperty(line: string): [string, Record<string, unknown>, string, string] | null {
  try {
    const jcal = ICAL.parse.property(line) as [string, Record<string, unknown>, string, unknown]
    return [jcal[0], jcal[1], jcal[2], String(jcal[3])]
  } catch {
    return null
  }
}

/** The value of a text property: decoded and without escapes. */
export function textOf(property: Property): string {
  return unixLines(unescape(decode(property)))
}

/** The values of a property such as CATEGORIES; vCalendar parts them by semicolons. */
export function listOf(property: Property, separator: ',' | ';'): string[] {
  const text = decode(property)
  const parts = ['']
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at)
    if (char === separator) parts.push('')
    else parts[parts.length - 1] += char === '\\' ? text.slice(at, (at += 1) + 1) : char
  }
  return parts.map(unescape)
}

/** Also of escapes that the format does not know, such as `\"`; before a letter a backslash is text. */
function unescape(raw: string): string {
  return raw.replace(/\\(?:([nN])|([^\p{L}\p{N}]))/gu, (_, newline: string | undefined, char: string) =>
    newline === undefined ? char : '\n',
  )
}

function decode({ params, raw }: Property): string {
  if (params.get('ENCODING')?.toUpperCase() !== 'QUOTED-PRINTABLE') return raw
  const bytes = raw.replace(/=([0-9A-F]{2})/giu, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
  return /^[\0-\u00ff]*$/u.test(bytes)
    ? decodeBytes(
        Uint8Array.from(bytes, (char) => char.charCodeAt(0)),
        params.get('CHARSET'),
      )
    : bytes
}

function decodeBytes(bytes: Uint8Array, charset = 'utf-8'): string {
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    return new TextDecoder().decode(bytes)
  }
}
