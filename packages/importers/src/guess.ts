/** Recognizes the format of a file, by its content or else by the extension of its name. */
import { isObject, type JsonObject, parseLoosely, scanObjects } from './json-objects.ts'
import { looksBinary, stripBom } from './text.ts'
import { isHeader } from './todoist-header.ts'
import type { Format, ImportInput } from './types.ts'

const EXTENSIONS: [RegExp, Format][] = [
  [/\.(?:txt|todo|todotxt)$/iu, 'todotxt'],
  [/\.(?:ics|ical|ifb|vcs|vtodo)$/iu, 'icalendar'],
  [/\.csv$/iu, 'todoist'],
  [/\.(?:ndjson|jsonl|data)$/iu, 'taskwarrior'],
  [/\.json$/iu, 'json'],
]

export function guessFormat({ text, fileName }: Pick<ImportInput, 'text' | 'fileName'>): Format | undefined {
  if (looksBinary(text)) return undefined
  return sniff(stripBom(text)) ?? EXTENSIONS.find(([extension]) => extension.test(fileName))?.[1]
}

/** Recognizes a format by content alone. Never returns todo.txt, whose files have no mark of their own. */
export function sniff(text: string): Format | undefined {
  const start = text.trimStart()
  if (/^BEGIN\s*:\s*V(?:CALENDAR|TODO|EVENT|TIMEZONE)/iu.test(start)) return 'icalendar'
  if (isHeader(start.slice(0, start.search(/[\r\n]|$/u)))) return 'todoist'
  // Taskwarrior's own data file before version 3.0. The importer refuses this file and says how to export the tasks.
  if (/^\[\w+:"[^\n]*\]\s*$/mu.test(start.slice(0, 2000))) return 'taskwarrior'
  return /^[[{]/u.test(start) ? sniffJson(start) : undefined
}

function sniffJson(text: string): Format | undefined {
  const whole = parseLoosely(text).value
  if (isObject(whole)) return sniffObject(whole)
  if (Array.isArray(whole)) return firstKnown(whole.filter(isObject))
  return firstKnown(scanObjects(text).objects.map(({ value }) => value))
}

function firstKnown(objects: JsonObject[]): Format | undefined {
  for (const object of objects) {
    const format = sniffObject(object)
    if (format) return format
  }
  return undefined
}

function sniffObject(object: JsonObject): Format | undefined {
  if (isGoogle(object)) return 'googletasks'
  if (isOwn(object)) return 'json'
  return isTaskwarrior(object) ? 'taskwarrior' : undefined
}

/** True for a file, a list or a task of Google Tasks. */
export function isGoogle(object: JsonObject): boolean {
  const { kind } = object
  return typeof kind === 'string' && kind.startsWith('tasks#')
}

/** True for Taskwire's export, an object with `tasks`, or one task. */
export function isOwn(object: JsonObject): boolean {
  if (Array.isArray(object['tasks'])) return true
  return typeof object['title'] === 'string' && !isGoogle(object)
}

export function isTaskwarrior(object: JsonObject): boolean {
  if (typeof object['description'] !== 'string' || 'title' in object) return false
  return 'uuid' in object || 'status' in object || 'entry' in object
}
