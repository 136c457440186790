import type { Sql } from 'postgres'
import { readDefaults, readGrants } from './grants.ts'
import { inOrderOf, type Named, SCHEMAS } from './named.ts'

const OWNER = 'taskwire_owner'

interface Table {
  oid: number
  name: string
  columns: string[]
  constraints: string[]
  options: string | null
  unlogged: boolean
  indexes: string[]
  statistics: string[]
  security: string[]
  policies: string[]
}
interface Routine extends Named {
  oid: number
  signature: string
  owner: string
  /** A table, index or policy calls it, so it is created before the tables. */
  needed: boolean
  calls: number[]
}

/**
 * Dumps the schema as SQL, in an order in which a superuser could run it, like pg_dump --schema-only, which is not among
 * the embedded binaries. Throws for kinds of objects that it does not know.
 */
export async function dumpSchema(sql: Sql): Promise<string> {
  // Qualifies all names, and writes constants the same everywhere.
  await sql.unsafe(`set search_path = ''; set timezone = 'UTC'; set datestyle = 'ISO'; set intervalstyle = 'postgres'`)
  await refuseUnknown(sql)
  const tables = await readTables(sql)
  const routines = await readRoutines(sql)
  const grants = await readGrants(sql)
  const needed = inOrder(routines, (routine) => routine.needed)
  const others = inOrder(routines, () => true).filter((routine) => !needed.includes(routine))
  const routine = ({ signature, text }: Routine): string =>
    [text.trimEnd() + ';', ...(grants.get(`function ${signature}`) ?? [])].join('\n')
  return [
    '-- Written by `npm run schema:write` from a freshly migrated database. Do not edit; review its diff.',
    `-- ${OWNER} owns everything except the functions listed at the end; roles.sql creates the roles.`,
    '',
    'set check_function_bodies = off;',
    `set role ${OWNER};`,
    '',
    ...SCHEMAS.map((name) => [`create schema ${name};`, ...(grants.get(`schema ${name}`) ?? [])].join('\n')),
    ...(await readDefaults(sql)),
    '',
    ...needed.map((one) => `${routine(one)}\n`),
    ...(await readDomains(sql)).map((one) => [one.text, ...(grants.get(`type ${one.name}`) ?? []), ''].join('\n')),
    ...(await readSequences(sql)).map((one) =>
      [one.text, ...(grants.get(`sequence ${one.name}`) ?? []), ''].join('\n'),
    ),
    ...tables.map((table) => `${tableText(table)}\n${(grants.get(`table ${table.name}`) ?? []).join('\n')}\n`),
    ...(await readForeignKeys(sql)),
    '',
    ...(await readTypes(sql)).map((one) => [one.text, ...(grants.get(`type ${one.name}`) ?? []), ''].join('\n')),
    ...others.map((one) => `${routine(one)}\n`),
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

/** Escapes line breaks and all characters that are not ASCII, such as spaces of other scripts. */
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

async function refuseUnknown(sql: Sql): Promise<void> {
  const [found] = await sql<{ things: string[] }[]>`
    with ours as (select oid from pg_namespace where nspname = any (string_to_array(${SCHEMAS.join()}, ',')))
    select to_json(array(
      select 'relation ' || oid::regclass from pg_class where relnamespace in (table ours) and relkind not in ('r', 'i', 'S', 'c')
      union all select 'type ' || oid::regtype from pg_type t where typnamespace in (table ours)
        and typtype <> 'd'
        and not (typtype = 'c' and exists (select from pg_class where oid = t.typrelid and relkind in ('r', 'c'))) and typelem = 0
      union all select 'routine ' || oid::regprocedure from pg_proc where pronamespace in (table ours) and prokind <> 'f'
      union all select 'table ' || oid::regclass || ' that inherits' from pg_class c where relnamespace in (table ours)
        and exists (select from pg_inherits where inhrelid = c.oid or inhparent = c.oid)
      union all select 'rule ' || r.rulename from pg_rewrite r join pg_class c on c.oid = r.ev_class where c.relnamespace in (table ours)
      union all select 'statistics ' || stxname from pg_statistic_ext where stxnamespace in (table ours)
      union all select 'comment on ' || objoid::regclass from pg_description d where classoid = 'pg_class'::regclass
        and exists (select from pg_class c where c.oid = d.objoid and c.relnamespace in (table ours))
      union all select 'comment on ' || objoid::regprocedure from pg_description d where classoid = 'pg_proc'::regclass
        and exists (select from pg_proc p where p.oid = d.objoid and p.pronamespace in (table ours))
      union all select 'extension ' || extname from pg_extension where extname <> 'plpgsql'
      union all select 'publication ' || pubname from pg_publication
      union all select 'event trigger ' || evtname from pg_event_trigger
      union all select 'schema ' || nspname from pg_namespace where nspname not in ('public', 'information_schema') and nspname !~ '^pg_'
        and oid not in (table ours)
      union all select 'owner of ' || oid::regclass from pg_class where relnamespace in (table ours) and relowner <> ${OWNER}::regrole
      union all select 'owner of ' || oid::regtype from pg_type where typnamespace in (table ours) and typtype = 'd' and typowner <> ${OWNER}::regrole
    )) as things`
  if (found !== undefined && found.things.length > 0)
    throw new Error(
      `packages/db/scripts/dump.ts cannot dump ${found.things.join(', ')}: add it there, so that schema.sql shows everything.`,
    )
}

async function readTables(sql: Sql): Promise<Table[]> {
  const tables = await sql<Table[]>`
    select c.oid::int as oid, c.oid::regclass::text as name, c.relpersistence = 'u' as unlogged,
      array_to_string(c.reloptions, ', ') as options,
      to_json(array(
        select quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
          || case when a.attcollation <> t.typcollation then ' collate ' || a.attcollation::regcollation else '' end
          || case when a.attstorage <> t.typstorage then ' storage ' || case a.attstorage when 'p' then 'plain' when 'e' then 'external'
              when 'm' then 'main' else 'extended' end else '' end
          || case a.attcompression when '' then '' when 'p' then ' compression pglz' else ' compression lz4' end
          || case a.attgenerated when '' then coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
              else ' generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ')' || case a.attgenerated when 's' then ' stored' else ' virtual' end end
          || case a.attidentity when 'a' then ' generated always as identity' when 'd' then ' generated by default as identity' else '' end
          || case when a.attnotnull then ' not null' else '' end
        from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum
      )) as columns,
      to_json(array(
        select 'constraint ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid) from pg_constraint
        -- Foreign keys follow after all tables; NOT NULL constraints (PostgreSQL 18) are part of their columns.
        where conrelid = c.oid and contype not in ('f', 'n', 't') order by array_position(array['p', 'u', 'c', 'x']::"char"[], contype), conname collate "C"
      )) as constraints,
      to_json(array(
        select pg_get_indexdef(i.indexrelid) || ';' from pg_index i join pg_class x on x.oid = i.indexrelid
        where i.indrelid = c.oid and not exists (select from pg_constraint where conindid = i.indexrelid and contype in ('p', 'u', 'x'))
        order by x.relname collate "C"
      )) as indexes,
      to_json(array(
        select 'alter column ' || quote_ident(attname) || ' set statistics ' || attstattarget from pg_attribute
        where attrelid = c.oid and attnum > 0 and attstattarget >= 0 order by attnum
      )) as statistics,
      to_json(array_remove(array[
        case when c.relrowsecurity then 'enable row level security' end,
        case when c.relforcerowsecurity then 'force row level security' end,
        case c.relreplident when 'f' then 'replica identity full' when 'n' then 'replica identity nothing' end
      ], null)) as security,
      to_json(array(
        select 'create policy ' || quote_ident(polname) || ' on ' || c.oid::regclass
          || case when polpermissive then '' else ' as restrictive' end
          || ' for ' || case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end
          || ' to ' || (select string_agg(case role when 0 then 'public' else role::regrole::text end, ', ' order by role::regrole::text collate "C") from unnest(polroles) role)
          || coalesce(' using (' || pg_get_expr(polqual, polrelid) || ')', '')
          || coalesce(' with check (' || pg_get_expr(polwithcheck, polrelid) || ')', '') || ';'
        from pg_policy where polrelid = c.oid order by polname collate "C"
      )) as policies
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any (string_to_array(${SCHEMAS.join()}, ',')) and c.relkind = 'r'`
  return inOrderOf(tables, ({ name }) => name)
}

function tableText({
  name,
  columns,
  constraints,
  options,
  unlogged,
  indexes,
  statistics,
  security,
  policies,
}: Table): string {
  return [
    `create${unlogged ? ' unlogged' : ''} table ${name} (`,
    [...columns, ...constraints].map((line) => `  ${line}`).join(',\n'),
    `)${options === null ? '' : ` with (${options})`};`,
    ...indexes,
    ...[...statistics, ...security].map((what) => `alter table ${name} ${what};`),
    ...policies,
  ].join('\n')
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

async function readForeignKeys(sql: Sql): Promise<string[]> {
  const rows = await sql<Named[]>`
    select conrelid::regclass::text as name, 'alter table ' || conrelid::regclass || ' add constraint ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid) || ';' as text
    from pg_constraint where contype = 'f' and connamespace::regnamespace::text = any (string_to_array(${SCHEMAS.join()}, ','))
    union all
    -- Each sequence is owned by its column.
    select d.objid::regclass::text, 'alter sequence ' || d.objid::regclass || ' owned by ' || d.refobjid::regclass || '.' || quote_ident(a.attname) || ';'
    from pg_depend d join pg_class c on c.oid = d.objid and c.relkind = 'S' join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    where d.classid = 'pg_class'::regclass and d.deptype = 'a' and c.relnamespace::regnamespace::text = any (string_to_array(${SCHEMAS.join()}, ','))`
  return inOrderOf(rows, ({ name, text }) => `${name} ${text}`).map((row) => row.text)
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

/** Sorts functions after those that they call, otherwise by name. */
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

async function readTriggers(sql: Sql): Promise<string[]> {
  const rows = await sql<Named[]>`
    select tgname as name, pg_get_triggerdef(t.oid) || ';' || case tgenabled when 'O' then '' else ' -- enabled: ' || tgenabled::text end as text
    from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
    where not tgisinternal and n.nspname = any (string_to_array(${SCHEMAS.join()}, ',')) order by c.oid::regclass::text collate "C", tgname collate "C"`
  return rows.map((row) => row.text)
}
