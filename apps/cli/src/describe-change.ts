import type { Change, Due } from '@taskwire/client'
import { formatDue } from './due.ts'
import { shortId } from './ids.ts'

/** The names of the rows that Changes are about. */
export interface Names {
  /** Titles and names by id. */
  of: ReadonlyMap<string, string>
  zone: string | undefined
}

type Row = Readonly<Record<string, unknown>>

const MAX_SHOWN = 40

/** Describes a Change: `completed "Buy milk"`. */
export function describeChange(change: Change, names: Names): string {
  const { entity, entityId, action, redacted } = change
  // The entity may be one that this version does not know, so the fields have no type.
  const before: Row | null = change.before
  const after: Row | null = change.after
  const name =
    text(after?.['title'] ?? after?.['name'] ?? before?.['title'] ?? before?.['name']) ?? names.of.get(entityId)
  const label = name === undefined ? shortId(entityId) : quote(name)
  const subject = entity === 'task' ? label : entity === 'account' ? 'the account' : `${entity} ${label}`
  if (redacted) return `${verb(action, entity)} ${subject} (erased since)`
  switch (action) {
    case 'create':
      return `added ${subject}${inList(after?.['listId'], names)}`
    case 'move':
      if (entity !== 'task') return `moved ${subject}`
      return after !== null && 'listId' in after
        ? `moved ${subject} to ${listName(after['listId'], names)}`
        : `moved ${subject} within its list`
    case 'complete':
    case 'reopen': {
      const others = differences(before, after, names)
      return `${verb(action, entity)} ${subject}${others === '' ? '' : `: ${others}`}`
    }
    case 'update':
      return `changed ${subject}: ${differences(before, after, names)}`
    default:
      return `${verb(action, entity)} ${subject}`
  }
}

const VERBS: Record<string, string> = {
  create: 'added',
  update: 'changed',
  complete: 'completed',
  reopen: 'reopened',
  move: 'moved',
  delete: 'trashed',
  restore: 'restored',
  purge: 'erased',
}

function verb(action: string, entity: string): string {
  // Lists and keys have no trash.
  if (action === 'delete' && entity === 'list') return 'deleted'
  if (action === 'delete' && entity === 'key') return 'revoked'
  return VERBS[action] ?? action
}

// These follow from another field or from the action, or mean nothing to a user.
const HIDDEN_FIELDS = new Set(['complete', 'completedAt', 'dueAt', 'position'])

function differences(before: Row | null, after: Row | null, names: Names): string {
  return Object.keys(after ?? {})
    .filter((field) => !HIDDEN_FIELDS.has(field))
    .map(
      (field) =>
        `${field === 'listId' ? 'list' : field} ${formatValue(field, before?.[field], names)} → ${formatValue(field, after?.[field], names)}`,
    )
    .join(', ')
}

function formatValue(field: string, value: unknown, names: Names): string {
  if (field === 'listId') return listName(value, names)
  if (value === null || value === undefined || value === '') return 'none'
  // The contract says that this field is a Due.
  if (field === 'due') return formatDue(value as Due, names.zone)
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ')
  if (typeof value === 'string') return field === 'priority' ? value : quote(value)
  return JSON.stringify(value)
}

function inList(listId: unknown, names: Names): string {
  return typeof listId === 'string' ? ` to ${listName(listId, names)}` : ''
}

function listName(listId: unknown, names: Names): string {
  if (typeof listId !== 'string') return 'the inbox'
  const name = names.of.get(listId)
  return name === undefined ? `list ${shortId(listId)}` : quote(name)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function quote(value: string): string {
  const line = value.replace(/\s+/gu, ' ')
  const characters = Array.from(line)
  return characters.length > MAX_SHOWN ? `"${characters.slice(0, MAX_SHOWN - 1).join('')}…"` : `"${line}"`
}
