/** For tests: the files of test-fixtures, and short views of what was imported. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Imported, ImportInput } from './index.ts'

const folder = join(import.meta.dirname, '../../test-fixtures')

export function load(path: string): ImportInput {
  return { text: readFileSync(join(folder, path), 'utf8'), fileName: basename(path) }
}

export function listFixtures(format: string): string[] {
  return readdirSync(join(folder, format)).map((file) => `${format}/${file}`)
}

export function titles({ tasks }: Imported): string[] {
  return tasks.map(({ title }) => title)
}

export function ids({ tasks }: Imported): string[] {
  return tasks.map(({ id }) => id)
}

/** The notes as `line: message`. */
export function messages({ notes }: Imported): string[] {
  return notes.map(({ line, message }) => `${line ?? '-'}: ${message}`)
}
