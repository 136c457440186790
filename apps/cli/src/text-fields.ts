import type { Task, TaskChanges } from '@taskwire/client'
import { Option } from 'commander'

/**
 * The text fields of a task. `add` and `edit` have an option for each, and `edit` also has an option that clears it.
 * The other fields have options and rows of their own in `add.ts`, `edit.ts` and `show.ts`. The code does not compile
 * until a new field is added here or there.
 */
type TextField = Exclude<keyof TaskChanges, 'title' | 'complete' | 'priority' | 'tags' | 'due' | 'dueDate'>

interface TextOption {
  /** The help of `add`. */
  help: string
  /** Its name in `show`; null if `show` prints it without one. */
  label: string | null
}

const TEXT_FIELDS: Record<TextField, TextOption> = {
  description: { help: 'a longer text', label: null },
}
// Object.keys widens to string.
const NAMES = Object.keys(TEXT_FIELDS) as TextField[]

export type TextValues = { [F in TextField]?: string }
export type TextEdits = TextValues & { [F in TextField as `clear${Capitalize<F>}`]?: boolean }

export function addTextOptions(): Option[] {
  return NAMES.map((name) => new Option(`--${name} <text>`, TEXT_FIELDS[name].help))
}

export function editTextOptions(): Option[] {
  return NAMES.flatMap((name) => [
    new Option(`--${name} <text>`, `a new ${name}`).conflicts(clearing(name)),
    new Option(`--clear-${name}`, `remove the ${name}`),
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

/** Returns the rows of `show`. */
export function textRows(task: Task): [label: string, value: string][] {
  return NAMES.flatMap((name) => {
    const { label } = TEXT_FIELDS[name]
    return label === null ? [] : [[label, task[name] ?? '']]
  })
}

function clearing<F extends TextField>(name: F): `clear${Capitalize<F>}` {
  // TypeScript cannot infer Capitalize from an expression.
  return `clear${name.charAt(0).toUpperCase()}${name.slice(1)}` as `clear${Capitalize<F>}`
}
