import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ADDRESSES, environment } from '@taskwire/api/config'
import { APP_CODES } from '@taskwire/contract/errors'
import { CONTRACT_VERSION } from '@taskwire/contract/version'
import { expect, test } from 'vitest'
import { openTerminal } from './testing/terminal.ts'

/** Checks tables in the docs against the code. */
const root = join(import.meta.dirname, '../../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
/** Returns the cells of each table row in a text. */
const rowsOf = (text: string): string[][] =>
  [...text.matchAll(/^\| (.+) \|$/gm)].map(([, row = '']) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()))
const namesOf = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)

test('docs/settings.md lists exactly the settings, with their defaults', () => {
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
    // Settings without a default are described in prose.
    const none = otherwise === undefined || (Array.isArray(otherwise) && otherwise.length === 0)
    if (!none) expect([name, settings.get(name)]).toEqual([name, String(otherwise)])
  }
})

test('docs/contract.md lists every error code with its status, and the version', () => {
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

test('apps/cli/README.md lists the variables and exit codes of --help', async () => {
  await using terminal = await openTerminal()
  const { out } = await terminal.call('--help')
  const [, variables = '', codes = ''] = out.split(/^Environment:|^Exit codes:/m)
  const rows = rowsOf(read('apps/cli/README.md'))
  const namesIn = (text: string): string[] => [...text.matchAll(/^ {2}(\w+) /gm)].map(([, name = '']) => name)
  expect(rows.flatMap(([cell]) => namesOf(cell)).filter((name) => /^[A-Z_]+$/.test(name))).toEqual(namesIn(variables))
  expect(rows.map(([cell = '']) => cell).filter((cell) => /^\d+$/.test(cell))).toEqual(namesIn(codes))
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
