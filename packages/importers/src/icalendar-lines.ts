/**
 * Parses iCalendar into a tree of components. Lines are unfolded and nested here, because ical.js rejects a
 * whole file for one invalid line. ical.js then parses each line.
 */
import ICAL from 'ical.js'
import { type Line, splitLines, unixLines } from './text.ts'

export interface Property {
  /** Upper case. */
  name: string
  /** By upper-case name. */
  params: Map<string, string>
  /** The value as written in the file, still escaped. */
  raw: string
  line: number
}

export interface Component {
  /** Upper case. */
  name: string
  line: number
  /** Its content lines, unfolded, without the lines of its components. */
  source: string[]
  properties: Property[]
  components: Component[]
  unreadable: Line[]
  /** False if its END is missing. */
  closed: boolean
}

/** The first property with one of the names. */
export function propertyOf({ properties }: Component, ...names: string[]): Property | undefined {
  return properties.find(({ name }) => names.includes(name))
}

/** Returns a root that has the top-level components and properties. */
export function readComponents(text: string): Component {
  const root = newComponent('', 1)
  const open = [root]
  for (const line of unfold(text)) {
    const current = open.at(-1) ?? root
    const [, edge, name = ''] = /^(BEGIN|END)\s*:\s*(\S+)\s*$/iu.exec(line.text) ?? []
    if (edge === undefined) addProperty(current, line)
    else if (edge.toUpperCase() === 'BEGIN') openComponent(open, name.toUpperCase(), line)
    else closeComponent(open, name.toUpperCase(), line)
  }
  for (const component of open.slice(1)) component.closed = false
  return root
}

function newComponent(name: string, line: number): Component {
  return { name, line, source: [], properties: [], components: [], unreadable: [], closed: true }
}

// Far deeper than any real calendar.
const MAX_LEVELS = 20
// These are never nested in each other: if one begins within another, the END of the outer one is missing.
const NOT_NESTED = ['VTODO', 'VEVENT', 'VJOURNAL', 'VFREEBUSY', 'VTIMEZONE', 'VCALENDAR']

function openComponent(open: Component[], name: string, line: Line): void {
  const siblings = name === 'VCALENDAR' ? NOT_NESTED : NOT_NESTED.slice(0, -1)
  const unclosed = siblings.includes(name) ? open.findIndex((each) => siblings.includes(each.name)) : -1
  if (unclosed >= 0) for (const component of open.splice(unclosed)) component.closed = false
  if (open.length > MAX_LEVELS) {
    open.at(-1)?.unreadable.push(line)
    return
  }
  const component = newComponent(name, line.number)
  open.at(-1)?.components.push(component)
  open.push(component)
}

function closeComponent(open: Component[], name: string, line: Line): void {
  const at = open.findLastIndex((component) => component.name === name)
  if (at <= 0) {
    open.at(-1)?.unreadable.push(line)
    return
  }
  for (const component of open.splice(at).slice(1)) component.closed = false
}

/** Joins folded lines, including vCalendar's quoted-printable ones, which end in `=`. Drops blank lines. */
function unfold(text: string): Line[] {
  const lines: Line[] = []
  // Joined once per line, because a line may be folded thousands of times.
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

// ical.js parses parameters in quadratic time. Real parameters have a few hundred characters.
const MAX_HEAD_LENGTH = 10_000

/** True if the name and the parameters together are short. The value may have any length. */
function hasShortHead(text: string): boolean {
  let quoted = false
  for (let at = 0; at < Math.min(text.length, MAX_HEAD_LENGTH); at += 1) {
    const char = text.charAt(at)
    if (char === '"') quoted = !quoted
    else if (char === ':' && !quoted) return true
  }
  return text.length < MAX_HEAD_LENGTH
}

function readProperty({ text, number }: Line): Property | null {
  const name = /^[\w-]+/u.exec(text)?.[0]
  if (name === undefined || !hasShortHead(text)) return null
  const rest = text
    .slice(name.length)
    // vCalendar omits the names of these parameters.
    .replace(/^([^:]*);(QUOTED-PRINTABLE|BASE64|8BIT|7BIT)(?=[;:])/iu, '$1;ENCODING=$2')
  // ical.js leaves the value unchanged if it knows neither the name nor the type.
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

/** The value of a text property, decoded and unescaped. */
export function textOf(property: Property): string {
  return unixLines(unescape(decode(property)))
}

/** The text of the first property with one of the names; empty if there is none. */
export function textOfFirst(component: Component, ...names: string[]): string {
  const property = propertyOf(component, ...names)
  return property ? textOf(property) : ''
}

/** The values of a property such as CATEGORIES. vCalendar separates them by semicolons. */
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

/** Unescapes a text. Removes the backslash of unknown escapes too, such as `\"`, but not before letters and digits. */
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
