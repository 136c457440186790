/**
 * Taskwarrior JSON: `task export`, one object, or objects one a line (as in a sync backlog).
 *
 * - project is the list, dots included; H, M and L are high, medium and low.
 * - Annotations and attributes that hold a web address go into the description.
 * - waiting tasks are open; deleted ones stay behind, with a note; so does a recurring task's
 *   template when the file has one of its instances.
 * - A task that comes more than once (a sync backlog) counts as it was last.
 * - Exact values that the format cannot say are attributes of our own, `taskwire_…`.
 */
import { assemble } from './assemble.ts'
import type { SourceTask } from './assemble.ts'
import { isTaskwarrior } from './guess.ts'
import { asText, scanObjects } from './json-objects.ts'
import type { FoundObject, Scan } from './json-objects.ts'
import { readTask } from './taskwarrior-read.ts'
import { labelOf, quote, stripBom } from './text.ts'
import { NotThisFormat } from './types.ts'
import type { Imported, ImportInput, Note } from './types.ts'

export { exportTaskwarrior } from './taskwarrior-write.ts'

const REMEDY = 'Write one with: task export > tasks.json'

export function importTaskwarrior(input: ImportInput): Imported {
  const text = stripBom(input.text)
  const scan = scanObjects(text)
  const found = scan.objects.filter(({ value }) => isTaskwarrior(value))
  if (found.length === 0 && !/^\s*\[\s*\]\s*$/u.test(text)) {
    throw new NotThisFormat('taskwarrior', reasonOf(text, scan), REMEDY)
  }
  const notes = damageNotes(scan)
  const latest = latestStates(found, notes)
  const tasks = latest.flatMap((object): SourceTask[] => {
    const left = reasonToLeave(object, latest)
    if (left === null) return [{ ...readTask(object), line: object.line }]
    notes.push({ line: object.line, message: `${nameOf(object)}: not imported: ${left}` })
    return []
  })
  return assemble({ format: 'taskwarrior', fileName: input.fileName }, tasks, notes)
}

function reasonOf(text: string, scan: Scan): string {
  if (text.trim() === '') return 'it is empty'
  if (/^\s*\[\w+:"/u.test(text)) return "it is Taskwarrior's own store, not an export"
  if (scan.objects.length > 0) return 'its objects have no description with a uuid or a status'
  return 'it holds no JSON object'
}

function damageNotes(scan: Scan): Note[] {
  const damaged = scan.damaged.map(({ line, text }) => ({
    line,
    message: `not readable as JSON, left out: ${quote(text)}`,
  }))
  const others = scan.objects
    .filter(({ value }) => !isTaskwarrior(value))
    .map(({ line, value }) => ({
      line,
      message: `not a task, left out: ${quote(JSON.stringify(value))}`,
    }))
  return [...damaged, ...others]
}

/** Each task once, as it was last, in the order in which the tasks first came. */
function latestStates(found: FoundObject[], notes: Note[]): FoundObject[] {
  const states = new Map<string, FoundObject[]>()
  for (const object of found) {
    const id = asText(object.value['uuid']).toLowerCase() || `line ${object.line} ${states.size}`
    const group = states.get(id)
    if (group) group.push(object)
    else states.set(id, [object])
  }
  const groups = [...states.values()]
  const earlier = groups.filter((group) => group.length > 1)
  if (earlier.length > 0) {
    const named = earlier.map((group) => `${nameOf(group.at(-1))} (${group.length - 1})`).join(', ')
    notes.push({
      message: `earlier states of tasks that come more than once not kept, the last one is taken: ${named}`,
    })
  }
  return groups.flatMap((group) => group.slice(-1))
}

function reasonToLeave({ value }: FoundObject, all: FoundObject[]): string | null {
  const status = asText(value['status'])
  if (status === 'deleted' && !('taskwire_deleted' in value)) return 'it is deleted in Taskwarrior'
  const id = asText(value['uuid'])
  const isTemplate = status === 'recurring' && id !== ''
  if (isTemplate && all.some((other) => asText(other.value['parent']) === id)) {
    return `it is the template of a recurring task (${asText(value['recur'])}), whose instances are imported`
  }
  return null
}

function nameOf(object: FoundObject | undefined): string {
  return labelOf(asText(object?.value['description']))
}
