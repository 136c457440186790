import type { Task } from '@taskwire/client'
import { FORMATS, type Format, type NamedTask } from '@taskwire/importers'
import { exporters, importers } from '@taskwire/importers/formats'
import { describe, expect, test } from 'vitest'
import { gapsOf } from './formats.ts'

const FILE_NAME = 'tasks'
const TIME_ZONE = 'Europe/Berlin'

const TASK: NamedTask = {
  spaceId: 's',
  userId: null,
  id: '0199a8c0-0000-7000-8000-000000000001',
  title: 'Call Ada',
  description: null,
  complete: false,
  priority: 'none',
  tags: [],
  due: null,
  dueAt: null,
  listId: null,
  listName: null,
  completedAt: null,
  position: 'a',
  revision: 1,
  createdAt: '2026-11-01T10:00:00.000Z',
  updatedAt: '2026-11-01T10:00:00.000Z',
  deletedAt: null,
}

const TASKS: Record<string, Partial<NamedTask>> = {
  'a title alone': {},
  'a description': { description: 'About the engine' },
  'a completed task': { complete: true, completedAt: '2026-11-02T10:00:00.000Z' },
  'urgent priority': { priority: 'urgent' },
  'high priority': { priority: 'high' },
  'medium priority': { priority: 'medium' },
  'low priority': { priority: 'low' },
  'a tag': { tags: ['calls'] },
  'a tag with a space': { tags: ['phone calls'] },
  'a due date': { due: { date: '2026-12-24' } },
  'a due time': { due: { date: '2026-12-24', time: '09:30', timeZone: TIME_ZONE } },
  'a due time in another zone': { due: { date: '2026-12-24', time: '09:30', timeZone: 'Asia/Tokyo' } },
  'a due time in UTC': { due: { date: '2026-12-24', time: '09:30', timeZone: 'UTC' } },
  'a list': { listId: 'l', listName: 'Garden' },
}

/** Removes what only Taskwire reads from a file. */
const PLAIN: Record<Format, (text: string) => string> = {
  json: (text) => text,
  todotxt: (text) => text.replace(/ taskwire-\S+/gu, ''),
  icalendar: (text) => text.replace(/\r\n /gu, '').replace(/^X-TASKWIRE-.*\r\n/gmu, ''),
  todoist: (text) => text.replace(/,TASKWIRE$/mu, '').replace(/,"\{.*\}"$/gmu, ''),
  taskwarrior: (text) => text.replace(/,"taskwire_\w+":"(?:[^"\\]|\\.)*"/gu, ''),
  googletasks: (text) =>
    JSON.stringify(JSON.parse(text), (key, value: unknown) =>
      key === 'taskwire' && !isInbox(value) ? undefined : value,
    ),
}
const isInbox = (value: unknown): boolean => JSON.stringify(value) === '{"inbox":true}'

/** Returns the fields that another program does not find as they are. */
function lost(format: Format, task: NamedTask): string[] {
  const text = PLAIN[format](exporters[format]([task], { timeZone: TIME_ZONE }))
  const { tasks } = importers[format]({ text, fileName: FILE_NAME, timeZone: TIME_ZONE, now: new Date() })
  const [found] = tasks
  if (found === undefined) return ['the task']
  const { title, description, complete, priority, tags, due } = task
  // Todoist imports a file into a project that has its name.
  if (found.list === FILE_NAME) found.list = null
  const wanted = { title, description, complete, priority, tags, due, list: task.listName }
  return Object.entries(wanted)
    .filter(([name, value]) => JSON.stringify(found[name as keyof typeof found]) !== JSON.stringify(value))
    .map(([name]) => name)
}

describe.each(FORMATS)('%s names what other programs do not find', (format) => {
  test.each(Object.entries(TASKS))('in %s', (_, fields) => {
    const task: NamedTask & Task = { ...TASK, ...fields }
    const fieldsLost = lost(format, task)
    expect({ fieldsLost, isNamed: gapsOf(format, [task], TIME_ZONE).length > 0 }).toEqual({
      fieldsLost,
      isNamed: fieldsLost.length > 0,
    })
  })
})
