import type { Sql } from 'postgres'
import { inOrderOf, type Named, SCHEMAS } from './named.ts'

/** The GRANT statements for roles other than the owner, by object. */
export async function readGrants(sql: Sql): Promise<Map<string, string[]>> {
  const rows = await sql<{ thing: string; grantee: string; rights: string }[]>`
    with things as (
      select 'schema ' || quote_ident(nspname) as thing, nspname, nspowner as owner, coalesce(nspacl, acldefault('n', nspowner)) as acl, null::text as "column"
      from pg_namespace
      union all
      select case c.relkind when 'S' then 'sequence ' else 'table ' end || c.oid::regclass, n.nspname, c.relowner,
        coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's'::"char" else 'r' end, c.relowner)), null
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'S')
      union all
      select 'table ' || c.oid::regclass, n.nspname, c.relowner, a.attacl, quote_ident(a.attname)
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace where a.attacl is not null
      union all
      select 'function ' || p.oid::regprocedure, n.nspname, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner)), null
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      union all
      select 'type ' || t.oid::regtype, n.nspname, t.typowner, coalesce(t.typacl, acldefault('T', t.typowner)), null
      from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_class c on c.oid = t.typrelid
      where t.typtype = 'd' or c.relkind = 'c'
    ), rights as (
      select thing, case a.grantee when 0 then 'public' else a.grantee::regrole::text end as grantee, a.is_grantable,
        lower(a.privilege_type) || coalesce(' (' || string_agg("column", ', ' order by "column" collate "C") || ')', '') as granted
      from things, aclexplode(acl) a
      where a.grantee <> owner and nspname = any (string_to_array(${SCHEMAS.join()}, ',')) group by thing, a.grantee, a.is_grantable, a.privilege_type
    )
    select thing, grantee, string_agg(granted, ', ' order by granted collate "C") || ' on ' || thing || ' to ' || grantee
      || case when is_grantable then ' with grant option' else '' end as rights
    from rights group by thing, grantee, is_grantable order by thing collate "C", grantee collate "C"`
  const grants = new Map<string, string[]>()
  for (const { thing, rights } of rows) grants.set(thing, [...(grants.get(thing) ?? []), `grant ${rights};`])
  return grants
}

/** The default privileges that differ from PostgreSQL's. */
export async function readDefaults(sql: Sql): Promise<string[]> {
  const rows = await sql<Named[]>`
    with sets as (
      select d.defaclrole::regrole::text as role, case when defaclnamespace = 0 then '' else ' in schema ' || defaclnamespace::regnamespace end as place,
        case defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types' else 'schemas' end as kind,
        defaclacl as now, case when defaclnamespace = 0 then acldefault(case defaclobjtype when 'S' then 's'::"char" else defaclobjtype end, defaclrole) end as usual
      from pg_default_acl d
    ), changes as (
      select role, place, kind, 'revoke' as verb, 'from' as preposition, a.grantee, a.privilege_type
      from sets, aclexplode(usual) a where not exists (select from aclexplode(now) n where (n.grantee, n.privilege_type) = (a.grantee, a.privilege_type))
      union all
      select role, place, kind, 'grant', 'to', n.grantee, n.privilege_type
      from sets, aclexplode(now) n where not exists (select from aclexplode(usual) a where (n.grantee, n.privilege_type) = (a.grantee, a.privilege_type))
    )
    select role as name, 'alter default privileges for role ' || role || place || ' ' || verb || ' ' || lower(privilege_type) || ' on ' || kind || ' '
      || preposition || ' ' || case grantee when 0 then 'public' else grantee::regrole::text end || ';' as text
    from changes`
  return inOrderOf(rows, ({ text }) => text).map((row) => row.text)
}
