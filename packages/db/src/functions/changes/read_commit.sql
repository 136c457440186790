-- Returns the commit that contains the Change `of_revision`: its Changes of tasks and of lists, both newest first, and
-- its last revision. The last revision is null if the commit does not exist, or if not all of it is kept. Also returns
-- whether a part of the commit was purged, whether it changed the account or a key, and whether the system made it.
create or replace function tw.read_commit(
  space uuid, of_revision bigint, out task_changes tw.change[], out list_changes tw.change[], out last_revision bigint,
  out purged boolean, out of_account boolean, out by_system boolean
) language plpgsql stable as $$
declare
  previous bigint;
  kept bigint;
begin
  select c.commit into last_revision from tw.changes c where c.space_id = space and c.revision = of_revision;
  -- With null the next statement would read the whole log.
  if last_revision is null then return; end if;
  -- A commit has all revisions after the last one of the commit before it, up to its own last one.
  select c.revision into previous from tw.changes c
    where c.space_id = space and c.revision < of_revision and c.commit <> last_revision order by c.revision desc limit 1;
  previous := coalesce(previous, 0);
  select count(*), bool_or(c.redacted or c.action = 'purge'), bool_or(c.entity in ('account', 'key')), bool_or(c.actor_kind = 'system'),
    coalesce(array_agg(row(c.action, c.entity, c.entity_id, c.before, c.after)::tw.change order by c.revision desc) filter (where c.entity = 'task'), '{}'),
    coalesce(array_agg(row(c.action, c.entity, c.entity_id, c.before, c.after)::tw.change order by c.revision desc) filter (where c.entity = 'list'), '{}')
    into kept, purged, of_account, by_system, task_changes, list_changes
    from tw.changes c where c.space_id = space and c.revision > previous and c.revision <= last_revision;
  -- Some of its Changes have been deleted by tw.sweep(), or may have been: no Change of the commit before it is left.
  if kept <> last_revision - previous then last_revision := null; end if;
end $$;
