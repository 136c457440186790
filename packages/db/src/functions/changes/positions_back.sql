-- Returns, by id, the positions of tasks and lists that a revert moves back to earlier ones. `task_changes` and
-- `list_changes` are the Changes to undo, `tasks` the current rows of `task_changes`, in the same order, and `moved`
-- the result of tw.rebalanced_since(). Raises TW507 if no position is free.
create or replace function tw.positions_back(
  space uuid, task_changes tw.change[], list_changes tw.change[], tasks tw.tasks[], moved jsonb
) returns jsonb language plpgsql stable as $$
declare
  back jsonb;
  is_full boolean;
  ids uuid[];
  list_scopes uuid[];
  requested text[];
begin
  select array_agg(r.id order by r.position, r.id), array_agg(r.list_scope order by r.position, r.id),
    array_agg(r.position order by r.position, r.id)
    into ids, list_scopes, requested from (
      -- The tasks that will be live and whose list, position or deletion is undone.
      select t.id, t.list_scope, coalesce(u.before->>'position', moved->(t.id::text)->>'old', t.position) collate "C" as position
      from unnest(task_changes) with ordinality u(action, entity, entity_id, before, after, nr)
      cross join lateral (
        select (tasks[u.nr]).id, (tasks[u.nr]).position, (tasks[u.nr]).deleted_at,
          coalesce(case when u.before ? 'listId' then (u.before->>'listId')::uuid else (tasks[u.nr]).list_id end, space) as list_scope
      ) t
      where u.before ?| array['listId', 'position', 'deletedAt']
        and case when u.before ? 'deletedAt' then u.before->>'deletedAt' is null else t.deleted_at is null end
      union all
      select u.entity_id, null, u.before->>'position' from unnest(list_changes) u where u.before ? 'position'
    ) r;
  if moved <> '{}' then
    requested := tw.positions_now(
      moved, array(select u.entity_id from unnest(task_changes || list_changes) u), list_scopes, requested);
  end if;
  select jsonb_object_agg(f.id, f.position), bool_or(length(f.position) > 512) into back, is_full
    from tw.free_positions(space, ids, list_scopes, requested) f;
  -- A revert does not rebalance. So after thousands of reverts to one position it fails, until a task is placed there,
  -- which does rebalance.
  if is_full then raise exception using errcode = 'TW507', message = 'no position is free'; end if;
  return coalesce(back, '{}');
end $$;
