import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ADDRESSES, environment } from '@taskwire/api/config'
import { APP_CODES } from '@taskwire/contract/errors'
import { CONTRACT_VERSION } from '@taskwire/contract/version'
import { expect, test } from 'vitest'

/** Tables of the pages that say what the code says. */
const root = join(import.meta.dirname, '../../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
/** The cells of each row of the tables of a page, or of one of its parts. */
const rowsOf = (text: string): string[][] =>
  [...text.matchAll(/^\| (.+) \|$/gm)].map(([, row = '']) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()))
const namesOf = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)

test('docs/settings.md has each setting, and no other, with its default', () => {
  const settings = new Map<string, string | undefined>()
  for (const [variables, otherwise] of rowsOf(read('docs/settings.md'))) {
    const names = namesOf(variables)
    const defaults = namesOf(otherwise)
    for (const [at, name] of names.entries())
      settings.set(name, defaults.length === names.length ? defaults[at] : undefined)
  }
  expect([...settings.keys()].toSorted()).toEqual([...Object.keys(environment.shape), ...ADDRESSES].toSorted())
  for (const [name, schema] of Object.entries(environment.shape)) {
    const otherwise = schema.parse(undefined)
    // Those without one say in words, or by the names of others, what comes of leaving them out.
    const none = otherwise === undefined || (Array.isArray(otherwise) && otherwise.length === 0)
    if (!none) expect([name, settings.get(name)]).toEqual([name, String(otherwise)])
  }
})

test('docs/contract.md has each code of the catalogue with its status, and the version', () => {
  const text = read('docs/contract.md')
  const codes = rowsOf(text)
    .slice(1)
    .filter(([, status = '']) => /^\d{3}/.test(status))
    .flatMap(([names = '', status = '']) =>
      names.split(', ').map((name, at) => [name, Number(status.split(', ').at(at) ?? status.split(', ')[0])]),
    )
  expect(Object.fromEntries(codes)).toEqual(
    Object.fromEntries(Object.entries(APP_CODES).map(([name, { httpStatus }]) => [name, httpStatus])),
  )
  expect(text).toContain(`Version ${CONTRACT_VERSION}.`)
})

test('docs/promises.md has a row for each experiment', () => {
  const experiments = rowsOf(read('docs/promises.md')).flatMap(([, experiment]) => namesOf(experiment))
  const there = globSync('torture/src/experiments/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'))
  expect(experiments.toSorted()).toEqual(there.map((file) => basename(file, '.ts')).toSorted())
})

const decisions = globSync('docs/adr/0*.md', { cwd: root })

test.each(decisions)('%s has its number, a status, a date, and why', (file) => {
  const text = read(file)
  expect(text).toMatch(new RegExp(`^# ${Number(basename(file).slice(0, 4))}\\. `))
  expect(text).toMatch(/^- \*\*Status\*\*: (?:accepted|replaced by \[\d+\])/m)
  expect(text).toMatch(/^- \*\*Date\*\*: \d{4}-\d\d-\d\d$/m)
  const parts = /\*\*Status\*\*: replaced/.test(text)
    ? ['Decision']
    : ['Decision', 'Why', 'Instead of', 'Would change our mind']
  for (const part of parts) expect(text).toContain(`\n**${part}.**`)
  expect(read('docs/adr/README.md')).toContain(`(${basename(file)})`)
})
