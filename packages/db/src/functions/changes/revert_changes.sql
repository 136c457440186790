-- changes.revert: undoes the whole commit that contains a Change, by a new commit, if all values that the commit set
-- are still the same. If `keys` lacks the keys of some texts (see tw.known_key()), returns `keys_wanted` with those
-- texts: the service then calls again with their keys.
create or replace function tw.revert_changes(
  space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text,
  of_revision bigint, keys jsonb, most_rows int
) returns tw.answer language plpgsql volatile as $$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  undo record;
  unknown text[];
  -- The current rows, in the order of their Changes.
  tasks tw.tasks[];
  lists tw.lists[];
  moved jsonb;
  obstacle text;
  current json;
  positions jsonb;
  olds tw.tasks[];
  news tw.tasks[];
  new_list tw.lists;
  changes tw.change[];
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  undo := tw.read_commit(space, of_revision);
  if undo.last_revision is null then return tw.answered(m, 'no_commit'); end if;
  if undo.purged then return tw.answered(m, 'purged'); end if;
  if undo.of_account then return tw.answered(m, 'of_account'); end if;
  -- A rebalance cannot be undone: a task or a list placed since then would get other neighbours.
  if undo.by_system then return tw.answered(m, 'by_system'); end if;
  unknown := array(
    select jsonb_array_elements_text(u.before->'tags') from unnest(undo.task_changes) u
    union select u.before->>'name' from unnest(undo.list_changes) u);
  unknown := array(select x from unnest(unknown) x where x is not null and tw.known_key(x, keys) is null);
  if unknown <> '{}' then return tw.answered(m, 'keys_wanted', to_json(unknown)); end if;

  -- Refused if a list that the commit created has live tasks that would stay in it. Checked first, since the rest reads
  -- every task of the list.
  if exists (
    select from unnest(undo.list_changes) u
      cross join lateral (select * from tw.tasks t where t.space_id = space and t.list_id = u.entity_id offset 0) t
      where u.before is null and t.deleted_at is null
        and t.id not in (select c.entity_id from unnest(undo.task_changes) c where c.before ? 'listId')
  ) then
    return tw.answered(m, 'list_in_use');
  end if;
  -- If undoing deletes a list, its tasks in the trash lose it, as with lists.delete.
  undo.task_changes := undo.task_changes || array(
    select row('move', 'task', x.id, '{"listId": null}', '{}')::tw.change from (
      select t.id from unnest(undo.list_changes) u
        cross join lateral (select * from tw.tasks t where t.space_id = space and t.list_id = u.entity_id offset 0) t
        where u.before is null and t.deleted_at is not null
          and t.id not in (select u.entity_id from unnest(undo.task_changes) u)
      limit most_rows + 1
    ) x order by x.id);
  -- Each row is looked up by its key, whatever plan the planner would choose.
  tasks := array(
    select x.t from unnest(undo.task_changes) with ordinality u(action, entity, entity_id, before, after, nr)
    left join lateral (select t from tw.tasks t where t.space_id = space and t.id = u.entity_id offset 0) x on true order by u.nr);
  lists := array(
    select x.l from unnest(undo.list_changes) with ordinality u(action, entity, entity_id, before, after, nr)
    left join lateral (select l from tw.lists l where l.space_id = space and l.id = u.entity_id offset 0) x on true order by u.nr);

  obstacle := tw.revert_obstacle(space, undo.task_changes, undo.list_changes, tasks, lists, keys);
  if obstacle is not null then return tw.answered(m, obstacle); end if;
  -- Rebalances since then matter only if the commit set a position, or if undoing it does.
  moved := case when exists (
      select from unnest(undo.task_changes || undo.list_changes) u
      where u.before ?| array['listId', 'position', 'deletedAt'] or u.after ? 'position')
    then tw.rebalanced_since(space, undo.last_revision) else '{}' end;
  select x.shown into current from unnest(undo.task_changes) with ordinality u(action, entity, entity_id, before, after, nr)
    cross join lateral (select tw.task_json(tasks[u.nr]) as shown offset 0) x
    where not tw.holds(x.shown, u.after, moved->(u.entity_id::text)) order by u.nr limit 1;
  if found then return tw.answered(m, 'changed_since', current); end if;
  select tw.list_json(lists[u.nr]) into current from unnest(undo.list_changes) with ordinality u(action, entity, entity_id, before, after, nr)
    where (lists[u.nr]).id is not null
      and (u.after is null or not tw.holds(tw.list_json(lists[u.nr]), u.after, moved->(u.entity_id::text))) order by u.nr limit 1;
  if found then return tw.answered(m, 'changed_since', current); end if;

  positions := tw.positions_back(space, undo.task_changes, undo.list_changes, tasks, moved);
  select coalesce(array_agg(x.old order by x.nr), '{}'), coalesce(array_agg(x.new order by x.nr), '{}') into olds, news from (
    select u.nr, tasks[u.nr] as old, tw.undone_task(tasks[u.nr], u.before, keys, positions->>(u.entity_id::text), m.at) as new
    from unnest(undo.task_changes) with ordinality u(action, entity, entity_id, before, after, nr) offset 0
  ) x where x.new is distinct from x.old;
  if cardinality(news) + cardinality(undo.list_changes) > most_rows then return tw.answered(m, 'limit'); end if;

  -- Lists are written first, since tasks return to them, although their revisions come after the revisions of the
  -- tasks.
  for nr in 1..cardinality(undo.list_changes) loop
    new_list := tw.undone_list(space, lists[nr], undo.list_changes[nr], keys, positions->>(undo.list_changes[nr].entity_id::text));
    if new_list.id is not null then
      new_list.revision := m.revision + cardinality(news) + nr;
      new_list.updated_at := m.at;
    end if;
    changes[nr] := tw.list_change(lists[nr], new_list);
    lists[nr] := new_list;
  end loop;
  perform tw.save_lists(space, lists);
  changes := (tw.save_tasks(space, m, olds, news)).changes || changes;
  delete from tw.lists l where l.space_id = space
    and l.id = any (array(select u.entity_id from unnest(undo.list_changes) u where u.before is null));
  return tw.finish_mutation(space, m, changes,
    json_build_object('affected', cardinality(changes), 'revision', m.revision + cardinality(changes)));
end $$;
