/** For tests: the files of test-fixtures, and short views of what was imported. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Account, Imported, ImportInput } from './index.ts'

const folder = join(import.meta.dirname, '../../test-fixtures')

/** It is a Friday there, at 11:00. */
export const ACCOUNT: Account = { timeZone: 'America/New_York', now: new Date('2026-05-01T15:00:00Z') }

export function input(text: string, fileName = 'a.txt'): ImportInput {
  return { ...ACCOUNT, text, fileName }
}

export function load(path: string): ImportInput {
  return input(readFileSync(join(folder, path), 'utf8'), basename(path))
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

/** The notes as `line kind: label: detail`. */
export function messages({ notes }: Imported): string[] {
  return notes.map(({ line, kind, label, detail }) => {
    return [`${line ?? '-'} ${kind}`, ...(label === undefined ? [] : [label]), detail].join(': ')
  })
}
