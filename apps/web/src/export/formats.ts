import type { Task } from '@taskwire/client'
import type { Format } from '@taskwire/importers'

/** Something that other programs do not find in a file, or not as it is. */
interface Gap {
  /** `3 descriptions`, without the number. */
  one: string
  many: string
  /** `timeZone` is the account's. */
  isIn(task: Task, timeZone: string): boolean
}

interface FileFormat {
  /** The end of the file's name. */
  extension: string
  type: string
  /** The programs that read it. */
  readers: string
  gaps: readonly Gap[]
}

const gap = (one: string, many: string, isIn: Gap['isIn']): Gap => ({ one, many, isIn })
const DESCRIPTION = gap('description', 'descriptions', ({ description }) => description !== null)
const TIME = gap('time of day of a due date', 'times of day of due dates', ({ due }) => due?.time !== undefined)
const ZONE = gap(
  'time zone of a due date',
  'time zones of due dates',
  ({ due }, timeZone) => due?.timeZone !== undefined && due.timeZone !== timeZone,
)
const LIST = gap('list of a task', 'lists of tasks', ({ listId }) => listId !== null)
const SECTION = gap(
  'task in a list, which becomes a section',
  'tasks in lists, which become sections',
  ({ listId }) => listId !== null,
)
const ANNOTATION = gap(
  'description, which becomes an annotation',
  'descriptions, which become annotations',
  DESCRIPTION.isIn,
)
const TAGS = gap('task with tags', 'tasks with tags', ({ tags }) => tags.length > 0)
const TAG_SPACES = gap('task with spaces in its tags', 'tasks with spaces in their tags', ({ tags }) =>
  tags.some((tag) => /\s/u.test(tag)),
)
const PRIORITY = gap('priority', 'priorities', ({ priority }) => priority !== 'none')
const priorityLike = (name: Task['priority'], nearest: string): Gap =>
  gap(
    `“${name}” priority, which becomes “${nearest}”`,
    `“${name}” priorities, which become “${nearest}”`,
    ({ priority }) => priority === name,
  )
const COMPLETED = gap(
  'completed task, which is open there',
  'completed tasks, which are open there',
  (task) => task.complete,
)

/** The formats in which tasks can be written. What is in `gaps` only Taskwire reads as it is. */
export const FILE_FORMATS: Readonly<Record<Format, FileFormat>> = {
  json: { extension: 'json', type: 'application/json', readers: 'Taskwire, and programs of your own', gaps: [] },
  todotxt: {
    extension: 'txt',
    type: 'text/plain',
    readers: 'sleek, Markor and other programs for todo.txt',
    gaps: [DESCRIPTION, TIME, TAG_SPACES],
  },
  icalendar: {
    extension: 'ics',
    type: 'text/calendar',
    readers: 'Thunderbird, Apple Reminders, Nextcloud and other calendars',
    gaps: [LIST],
  },
  todoist: {
    extension: 'csv',
    type: 'text/csv',
    readers: 'Todoist',
    gaps: [COMPLETED, priorityLike('low', 'medium'), TAG_SPACES, SECTION],
  },
  taskwarrior: {
    extension: 'json',
    type: 'application/json',
    readers: 'Taskwarrior',
    gaps: [priorityLike('urgent', 'high'), TAG_SPACES, ZONE, ANNOTATION],
  },
  googletasks: {
    extension: 'json',
    type: 'application/json',
    readers: 'programs that read the Takeout of Google Tasks',
    gaps: [PRIORITY, TAGS, TIME],
  },
}

/** Says what other programs do not find, as it is, in a file with these tasks: `3 descriptions`. */
export function gapsOf(format: Format, tasks: readonly Task[], timeZone: string): string[] {
  return FILE_FORMATS[format].gaps.flatMap(({ one, many, isIn }) => {
    const count = tasks.filter((task) => isIn(task, timeZone)).length
    return count === 0 ? [] : [count === 1 ? `1 ${one}` : `${count} ${many}`]
  })
}
