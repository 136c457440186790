-- tasks.create: creates a task from `fields` (see tw.changed_task()) in a list, or in the inbox (`list` null). With
-- `after_given` the task goes after the task `after` (null: first), otherwise last. Refuses an id that is in use.
-- Writes at most `most_rows` rows.
create or replace function tw.create_task(
  space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text,
  task uuid, list uuid, fields jsonb, after_given boolean, after uuid, most_rows int
) returns tw.answer language plpgsql volatile as $$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  placement tw.placement;
  new_position text;
  new tw.tasks;
  shown json;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  select t.* into new from tw.tasks t where t.space_id = space and t.id = task;
  if found then return tw.answered(m, 'exists', tw.task_json(new)); end if;
  -- The id of a purged task or a deleted list stays in use as long as its Changes are kept.
  if exists (select from tw.changes c where c.space_id = space and c.entity_id = task and c.entity in ('list', 'task')) then
    return tw.answered(m, 'exists');
  end if;
  if list is not null and not exists (select from tw.lists l where l.space_id = space and l.id = list) then
    return tw.answered(m, 'no_list');
  end if;
  if not after_given then
    new_position := tw.position_text(tw.last_position(space, list) + 1);
  elsif after is not null and not tw.is_in_list(space, list, after) then
    return tw.answered(m, 'no_after');
  else
    placement := tw.place_tasks(space, m, list, after, null, 1, most_rows - 1);
    m := placement.m;
    new_position := placement.positions[1];
  end if;

  new := tw.new_task(space, m, task, list, fields, new_position, m.revision + 1);
  insert into tw.tasks values (new.*);
  shown := tw.task_json(new);
  return tw.finish_mutation(space, m, array[tw.task_change(null, new, shown)], shown);
end $$;
