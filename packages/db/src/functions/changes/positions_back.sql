-- The positions that tasks and lists get which go back to where they were, by id. `task_changes` and `list_changes` are
-- what is to be undone, `tasks` the rows beside them as they are, `moved` what tw.rebalanced_since() has.
create or replace function tw.positions_back(
  space uuid, task_changes tw.change[], list_changes tw.change[], tasks tw.tasks[], moved jsonb
) returns jsonb language plpgsql stable as $$
declare
  back jsonb;
  no_room boolean;
  ids uuid[];
  shelves uuid[];
  wanted text[];
begin
  select array_agg(w.id order by w.wanted, w.id), array_agg(w.shelf order by w.wanted, w.id), array_agg(w.wanted order by w.wanted, w.id)
    into ids, shelves, wanted from (
      -- Tasks that are live in another place afterwards.
      select t.id, t.shelf, coalesce(u.before->>'position', moved->(t.id::text)->>'old', t.position) collate "C" as wanted
      from unnest(task_changes) with ordinality u(action, entity, entity_id, before, after, nr)
      cross join lateral (
        select (tasks[u.nr]).id, (tasks[u.nr]).position, (tasks[u.nr]).deleted_at,
          coalesce(case when u.before ? 'listId' then (u.before->>'listId')::uuid else (tasks[u.nr]).list_id end, space) as shelf
      ) t
      where u.before ?| array['listId', 'position', 'deletedAt']
        and case when u.before ? 'deletedAt' then u.before->>'deletedAt' is null else t.deleted_at is null end
      union all
      select u.entity_id, null, u.before->>'position' from unnest(list_changes) u where u.before ? 'position'
    ) w;
  if moved <> '{}' then
    wanted := tw.positions_now(
      moved, array(select u.entity_id from unnest(task_changes || list_changes) u), shelves, wanted);
  end if;
  select jsonb_object_agg(f.id, f.position), bool_or(length(f.position) > 512) into back, no_room
    from tw.free_positions(space, ids, shelves, wanted) f;
  -- An undoing rebalances nothing. Thousands of them at one place use it up, until something else is placed there.
  if no_room then raise exception using errcode = 'TW507', message = 'no room'; end if;
  return coalesce(back, '{}');
end $$;
