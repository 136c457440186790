import type { Sql } from 'postgres'
import { OWNER, SCHEMAS } from './named.ts'

/** Throws for a kind of object that the dump does not contain. */
export async function refuseUnknown(sql: Sql): Promise<void> {
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
      `The dump of the schema cannot contain ${found.things.join(', ')}: add it in packages/db/scripts, so that schema.sql shows everything.`,
    )
}
