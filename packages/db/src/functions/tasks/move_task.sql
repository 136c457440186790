-- tasks.move: moves a task to the list `list` (null: the inbox) with `list_given`, otherwise within its list. With
-- `after_given` the task goes after the task `after` (null: first), otherwise last. Writes at most `most_rows` rows.
create or replace function tw.move_task(
  space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text,
  task uuid, list_given boolean, list uuid, after_given boolean, after uuid, expected bigint, most_rows integer
) returns tw.answer language plpgsql volatile as $$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  old tw.tasks;
  new tw.tasks;
  placement tw.placement;
  shown json;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  select t.* into old from tw.tasks t where t.space_id = space and t.id = task;
  if not found then return tw.answered(m, 'missing'); end if;
  if old.deleted_at is not null then return tw.answered(m, 'in_trash', tw.task_json(old)); end if;
  if old.revision <> expected then return tw.answered(m, 'conflict', tw.task_json(old)); end if;
  if not list_given then
    list := old.list_id;
  elsif list is not null and not exists (select from tw.lists l where l.space_id = space and l.id = list) then
    return tw.answered(m, 'no_list');
  end if;
  if not after_given then
    -- Not counting the task itself: a task that is already last goes after the one before it, and so keeps its
    -- position.
    after := tw.last_task(space, list, task);
  elsif after is not null and not tw.is_in_list(space, list, after) then
    return tw.answered(m, 'no_after');
  end if;

  -- The task's own row counts as one of `most_rows`.
  placement := tw.place_tasks(space, m, list, after, task, 1, most_rows - 1);
  if (placement.m).revision > m.revision then
    -- The rebalance may have moved this task too.
    select t.* into old from tw.tasks t where t.space_id = space and t.id = task;
  end if;
  m := placement.m;
  new := old;
  new.list_id := list;
  new.position := placement.positions[1];
  if new is not distinct from old then
    return tw.finish_mutation(space, m, '{}', tw.task_json(old), unchanged => task);
  end if;
  new.revision := m.revision + 1;
  new.updated_at := m.at;
  update tw.tasks t set
    list_id = new.list_id, position = new.position, revision = new.revision, updated_at = new.updated_at
  where t.space_id = space and t.id = task;
  shown := tw.task_json(new);
  return tw.finish_mutation(space, m, array[tw.task_change(old, new, shown)], shown);
end $$;
