import type { Task, TaskChanges } from '@taskwire/client'
import { TASK_FIELDS } from '@taskwire/contract/fields'
import { Option } from 'commander'

/** These fields have options and rows of their own in `add.ts`, `edit.ts` and `show.ts`. */
const OTHER_FIELDS = ['title', 'complete', 'priority', 'tags', 'due'] as const satisfies (keyof typeof TASK_FIELDS)[]

/**
 * The optional texts of a task, with the options and rows that this file makes for each. The code does not compile if
 * there is a field of another kind, which belongs in OTHER_FIELDS.
 */
type TextField = Exclude<keyof typeof TASK_FIELDS, (typeof OTHER_FIELDS)[number]>

// Object.keys widens to string. The others are left out.
const NAMES = Object.keys(TASK_FIELDS).filter((name) => !OTHER_FIELDS.some((other) => other === name)) as TextField[]

/** The help of `add`, unless it is `its` with the name of the field. */
const HELP: Partial<Record<TextField, string>> = { description: 'a longer text' }

export type TextValues = { [F in TextField]?: string }
export type TextEdits = TextValues & { [F in TextField as `clear${Capitalize<F>}`]?: boolean }

export function addTextOptions(): Option[] {
  return NAMES.map((name) => new Option(`--${optionName(name)} <text>`, HELP[name] ?? `its ${wordsOf(name)}`))
}

export function editTextOptions(): Option[] {
  return NAMES.flatMap((name) => [
    new Option(`--${optionName(name)} <text>`, `a new ${wordsOf(name)}`).conflicts(clearing(name)),
    new Option(`--clear-${optionName(name)}`, `remove the ${wordsOf(name)}`),
  ])
}

/** Returns the values that the options of `add` set. */
export function textValues(options: TextValues): TextValues {
  return Object.fromEntries(NAMES.filter((name) => name in options).map((name) => [name, options[name]]))
}

/** Returns the changes that the options of `edit` request. */
export function textChanges(options: TextEdits): Pick<TaskChanges, TextField> {
  const cleared = NAMES.filter((name) => options[clearing(name)] === true)
  return { ...textValues(options), ...Object.fromEntries(cleared.map((name) => [name, null])) }
}

/** Returns the rows of `show`, which prints the description below them. */
export function textRows(task: Task): [label: string, value: string][] {
  return NAMES.filter((name) => name !== 'description').map((name) => textRow(name, task[name]))
}

/** Returns a row of one line. */
export function textRow(name: string, value: string | null): [label: string, value: string] {
  const words = wordsOf(name)
  return [`${words.charAt(0).toUpperCase()}${words.slice(1)}`, (value ?? '').replaceAll(/[\r\n\u2028\u2029]+/gu, ' ')]
}

/** `meeting-place` for the field `meetingPlace`. */
export function optionName(field: string): string {
  return wordsOf(field).replaceAll(' ', '-')
}

function wordsOf(field: string): string {
  return field.replaceAll(/[A-Z]/gu, (capital) => ` ${capital.toLowerCase()}`)
}

function clearing<F extends TextField>(name: F): `clear${Capitalize<F>}` {
  // TypeScript cannot infer Capitalize from an expression.
  return `clear${name.charAt(0).toUpperCase()}${name.slice(1)}` as `clear${Capitalize<F>}`
}
