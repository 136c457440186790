import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { connectLogins } from './testing/logins.ts'

// Compares docs/data-model.md with a migrated database.
const page = readFileSync(new URL('../../../docs/data-model.md', import.meta.url), 'utf8')

const logins = await connectLogins()
const { admin } = logins
afterAll(() => logins[Symbol.asyncDispose]())

test('docs/data-model.md names all definer functions', async () => {
  const [row = ''] = /^\| `taskwire_definer`.*$/m.exec(page) ?? []
  const [, ...named] = [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name)
  const functions = await admin<{ name: string }[]>`
    select proname as name from pg_proc where proowner = 'taskwire_definer'::regrole`
  expect(named.toSorted()).toEqual(functions.map(({ name }) => name).toSorted())
})

test('docs/data-model.md names all roles of the cluster', async () => {
  const named = [...page.matchAll(/^\| `(taskwire_\w+)`/gm)].map(([, name]) => name)
  const roles = await admin<{ name: string }[]>`select rolname as name from pg_roles where rolname like 'taskwire%'`
  expect(named.toSorted()).toEqual(roles.map(({ name }) => name).toSorted())
})

test('the diagram has every table, with all its columns, their base types and keys', async () => {
  const [, diagram = ''] = /^```mermaid\n([^]*?)^```/m.exec(page) ?? []
  const drawn = [...diagram.matchAll(/^ {2}(\w+) \{ ([^}]*)\}/gm)]
  const tables = await admin<{ name: string; columns: Record<string, string>; primary: string[] }[]>`
    select c.relname as name,
      (select json_object_agg(a.attname, replace(format_type(case t.typtype when 'd' then t.typbasetype else t.oid end, null), '[]', '_array'))
        from pg_attribute a join pg_type t on t.oid = a.atttypid where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
      (select json_agg(a.attname) from pg_constraint k join pg_attribute a on a.attrelid = c.oid and a.attnum = any (k.conkey)
        where k.conrelid = c.oid and k.contype = 'p') as primary
    from pg_class c where c.relkind = 'r' and c.relnamespace in ('tw'::regnamespace, 'auth'::regnamespace)`
  expect(drawn.map(([, name]) => name).toSorted()).toEqual(tables.map(({ name }) => name).toSorted())
  for (const [, name, body = ''] of drawn) {
    const { columns = {}, primary = [] } = tables.find((table) => table.name === name) ?? {}
    const lines = body.split('\n').map((line) => line.trim().split(' '))
    const types = lines.filter(([type]) => type !== '').map(([type = '', column = '']) => [column, LONG[type] ?? type])
    expect([name, Object.fromEntries(types)]).toEqual([name, columns])
    const keys = lines.filter((words) => words.includes('PK')).map(([, column]) => column)
    expect([name, keys.toSorted()]).toEqual([name, primary.toSorted()])
  }
})
const LONG: Record<string, string> = { timestamptz: 'timestamp with time zone', time: 'time without time zone' }
