/** The names of a task's fields, and the values that each may have, by its kind in the contract. */
import { type Field, LIST_FIELDS, TASK_FIELDS } from '@taskwire/contract/fields'
import { isTimeZone } from '@taskwire/contract/time-zone'
import { isDate, isTime } from './dates.ts'
import { isObject } from './json-objects.ts'
import { type Due, type ExportedTask, type Fields, PRIORITIES } from './types.ts'

const FIELDS = { ...TASK_FIELDS, list: { ...LIST_FIELDS.name, nullable: true } } as const satisfies Record<
  keyof Fields,
  Field
>

const KINDS: Record<(typeof FIELDS)[keyof Fields]['kind'], { empty: unknown; matches: (value: unknown) => boolean }> = {
  line: { empty: '', matches: isString },
  text: { empty: '', matches: isString },
  flag: { empty: false, matches: (value) => typeof value === 'boolean' },
  priority: { empty: 'none', matches: (value) => PRIORITIES.some((name) => name === value) },
  tags: { empty: [], matches: (value) => Array.isArray(value) && value.every(isString) },
  due: { empty: null, matches: isDue },
}

// Object.keys widens to string.
export const FIELD_NAMES = Object.keys(FIELDS) as (keyof Fields)[]

// The empty value of a kind has the type of the field.
export const EMPTY = Object.fromEntries(
  FIELD_NAMES.map((name) => [name, isNullable(name) ? null : KINDS[FIELDS[name].kind].empty]),
) as unknown as Fields

export function fieldsOf({ listName: list, ...task }: ExportedTask): Fields {
  const all: Fields = { ...task, list }
  // An exported task has every field.
  return Object.fromEntries(FIELD_NAMES.map((name) => [name, all[name]])) as unknown as Fields
}

/** Returns the fields among JSON values, without values of a wrong type. */
export function readExact(values: Record<string, unknown>): Partial<Fields> {
  const names = FIELD_NAMES.filter((name) => Object.hasOwn(values, name) && matches(name, values[name]))
  return Object.fromEntries(names.map((name) => [name, values[name]]))
}

function matches(name: keyof Fields, value: unknown): boolean {
  if (value === null && isNullable(name)) return true
  const { kind } = FIELDS[name]
  return KINDS[kind].matches(value) && (kind !== 'line' || value !== '' || isNullable(name))
}

function isNullable(name: keyof Fields): boolean {
  return 'nullable' in FIELDS[name]
}

function isString(value: unknown): value is string {
  return typeof value === 'string'
}

/** True for the name of a field whose values are strings, or null. */
export function isStringField(name: string): boolean {
  return FIELD_NAMES.some((each) => each === name && typeof KINDS[FIELDS[each].kind].empty === 'string')
}

/** True for null, an existing all-day date, or an existing time in a known zone. */
export function isDue(value: unknown): value is Due {
  if (value === null) return true
  if (!isObject(value)) return false
  const { date, time, timeZone } = value
  if (!isString(date) || !isDate(date)) return false
  if (time === undefined) return timeZone === undefined
  return isString(time) && isTime(time) && isString(timeZone) && isTimeZone(timeZone)
}
