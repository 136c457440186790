-- Logs Changes, in order, as one commit, and raises the space's revision by their number. The calling function has
-- already written the rows with these revisions, from m.revision + 1 on. With `by_system` the commit is the service's
-- own, such as a rebalance, and has no mutation id.
create or replace function tw.log_changes(space uuid, m tw.mutation, changes tw.change[], by_system boolean default false)
returns tw.mutation language plpgsql volatile as $$
declare
  last_revision constant bigint := m.revision + cardinality(changes);
begin
  if cardinality(changes) = 0 then return m; end if;
  update tw.spaces s set revision = last_revision, changed_at = m.at where s.id = space;
  insert into tw.changes (space_id, revision, commit, at, mutation_id, request_id, actor_kind, actor_user_id, actor_key_id,
    action, entity, entity_id, before, after)
  select space, m.revision + c.nr, last_revision, m.at, case when not by_system then m.id end, m.request,
    case when by_system then 'system' else m.kind end, case when not by_system then m.user_id end,
    case when not by_system then m.key_id end, c.action, c.entity, c.entity_id, c.before, c.after
  from unnest(changes) with ordinality c(action, entity, entity_id, before, after, nr);
  m.revision := last_revision;
  return m;
end $$;
