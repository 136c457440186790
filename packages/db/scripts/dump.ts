import type { Sql } from 'postgres'
import { readDefaults, readGrants } from './grants.ts'
import { inOrderOf, type Named, OWNER, SCHEMAS } from './named.ts'
import { readForeignKeys, readTables, readTriggers, tableText } from './tables.ts'
import { refuseUnknown } from './unknown.ts'

interface Routine extends Named {
  oid: number
  signature: string
  owner: string
  /** A table, index or policy calls it, so it is created before the tables. */
  needed: boolean
  calls: number[]
}

/**
 * Dumps the schema as SQL that a superuser could run, like pg_dump --schema-only; the embedded binaries do not include
 * pg_dump. Throws for kinds of objects that it does not know.
 */
export async function dumpSchema(sql: Sql): Promise<string> {
  // With these settings PostgreSQL qualifies all names, and writes constants in the same way everywhere.
  await sql.unsafe(`set search_path = ''; set timezone = 'UTC'; set datestyle = 'ISO'; set intervalstyle = 'postgres'`)
  await refuseUnknown(sql)
  const tables = await readTables(sql)
  const routines = await readRoutines(sql)
  const grants = await readGrants(sql)
  const needed = inOrder(routines, (routine) => routine.needed)
  const others = inOrder(routines, () => true).filter((routine) => !needed.includes(routine))
  const withGrants = (text: string, thing: string): string => [text, ...(grants.get(thing) ?? [])].join('\n')
  const routine = ({ signature, text }: Routine): string =>
    `${withGrants(`${text.trimEnd()};`, `function ${signature}`)}\n`
  const described = (kind: 'type' | 'sequence', things: readonly Named[]): string[] =>
    things.map(({ name, text }) => `${withGrants(text, `${kind} ${name}`)}\n`)
  return [
    '-- Written by `npm run schema:write` from a freshly migrated database. Do not edit; review its diff.',
    `-- ${OWNER} owns everything except the functions listed at the end; roles.sql creates the roles.`,
    '',
    'set check_function_bodies = off;',
    `set role ${OWNER};`,
    '',
    ...SCHEMAS.map((name) => withGrants(`create schema ${name};`, `schema ${name}`)),
    ...(await readDefaults(sql)),
    '',
    ...needed.map(routine),
    ...described('type', await readDomains(sql)),
    ...described('sequence', await readSequences(sql)),
    ...tables.map((table) => `${withGrants(tableText(table), `table ${table.name}`)}\n`),
    ...(await readForeignKeys(sql)),
    '',
    ...described('type', await readTypes(sql)),
    ...others.map(routine),
    ...(await readTriggers(sql)),
    '',
    'reset role;',
    ...routines
      .filter(({ owner }) => owner !== OWNER)
      .map(({ signature, owner }) => `alter function ${signature} owner to ${owner};`),
    '',
  ]
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .replaceAll(/'([^'\\]*[^\u0000-\u007f][^'\\]*)'/g, (_literal, text: string) => escaped(text))
}

/** Writes a string literal in which all characters are escaped, except visible ASCII. */
function escaped(text: string): string {
  const inEscapes = [...text].map((one) => {
    const code = one.codePointAt(0) ?? 0
    return code > 0x20 && code < 0x7f
      ? one
      : code > 0xffff
        ? `\\+${code.toString(16).padStart(6, '0')}`
        : `\\${code.toString(16).padStart(4, '0')}`
  })
  return `U&'${inEscapes.join('')}'`
}

async function readDomains(sql: Sql): Promise<Named[]> {
  const domains = await sql<Named[]>`
    select t.oid::regtype::text as name, 'create domain ' || t.oid::regtype || ' as ' || format_type(t.typbasetype, t.typtypmod)
      || case when t.typcollation <> b.typcollation then ' collate ' || t.typcollation::regcollation else '' end
      || coalesce(' default ' || t.typdefault, '') || case when t.typnotnull then ' not null' else '' end
      || coalesce((select string_agg(E'\n  constraint ' || quote_ident(conname) || ' ' || pg_get_constraintdef(c.oid), '' order by conname collate "C")
        from pg_constraint c where c.contypid = t.oid and c.contype = 'c'), '') || ';' as text
    from pg_type t join pg_type b on b.oid = t.typbasetype join pg_namespace n on n.oid = t.typnamespace
    where t.typtype = 'd' and n.nspname = any (string_to_array(${SCHEMAS.join()}, ','))`
  return inOrderOf(domains, ({ name }) => name)
}

async function readSequences(sql: Sql): Promise<Named[]> {
  const sequences = await sql<Named[]>`
    select c.oid::regclass::text as name, 'create sequence ' || c.oid::regclass || ' as ' || s.seqtypid::regtype || ' increment ' || s.seqincrement
      || ' minvalue ' || s.seqmin || ' maxvalue ' || s.seqmax || ' start ' || s.seqstart || ' cache ' || s.seqcache
      || case when s.seqcycle then ' cycle' else '' end || ';' as text
    from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any (string_to_array(${SCHEMAS.join()}, ','))`
  return inOrderOf(sequences, ({ name }) => name)
}

async function readTypes(sql: Sql): Promise<Named[]> {
  const types = await sql<Named[]>`
    select c.oid::regclass::text as name, 'create type ' || c.oid::regclass || ' as (' || string_agg(
      quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum) || ');' as text
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
    where c.relkind = 'c' and n.nspname = any (string_to_array(${SCHEMAS.join()}, ',')) group by c.oid`
  return inOrderOf(types, ({ name }) => name)
}

async function readRoutines(sql: Sql): Promise<Routine[]> {
  const routines = await sql<Routine[]>`
    select p.oid::int as oid, p.oid::regprocedure::text as signature, p.proname as name, p.proowner::regrole::text as owner, pg_get_functiondef(p.oid) as text,
      exists (select from pg_depend d where d.refclassid = 'pg_proc'::regclass and d.refobjid = p.oid
        and d.classid in ('pg_constraint'::regclass, 'pg_policy'::regclass, 'pg_attrdef'::regclass, 'pg_class'::regclass)) as needed,
      to_json(array(select d.refobjid::int from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.refclassid = 'pg_proc'::regclass)) as calls
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = any (string_to_array(${SCHEMAS.join()}, ','))`
  return inOrderOf(routines, ({ signature }) => signature)
}

/** Sorts functions by name, but each after the functions that it calls. */
function inOrder(routines: readonly Routine[], isIncluded: (routine: Routine) => boolean): Routine[] {
  const ordered: Routine[] = []
  const put = (routine: Routine): void => {
    if (ordered.includes(routine)) return
    for (const called of routines.filter(({ oid }) => oid !== routine.oid && routine.calls.includes(oid))) put(called)
    ordered.push(routine)
  }
  for (const routine of routines.filter(isIncluded)) put(routine)
  return ordered
}
