-- tasks.update: changes fields of a task. Refuses a task that is missing, in the trash, or not at revision `expected`.
create or replace function tw.update_task(
  space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text,
  task uuid, changes jsonb, expected bigint
) returns tw.answer language plpgsql volatile as $$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  old tw.tasks;
  new tw.tasks;
  shown json;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  -- The caller may have named no space. From here on `space` is the authenticated one, which is locked.
  space := m.space_id;
  select t.* into old from tw.tasks t where t.space_id = space and t.id = task;
  if not found then return tw.answered(m, 'missing'); end if;
  if old.deleted_at is not null then return tw.answered(m, 'in_trash', tw.task_json(old)); end if;
  -- If `expected` is null, the comparison is null too, and the task is not refused.
  if old.revision <> expected then return tw.answered(m, 'conflict', tw.task_json(old)); end if;

  new := tw.changed_task(old, changes, m.at);
  -- A call that changes nothing gets no revision.
  if new is not distinct from old then
    return tw.finish_mutation(space, m, '{}', tw.task_json(old), unchanged => task);
  end if;
  new.revision := m.revision + 1;
  new.updated_at := m.at;
  update tw.tasks t set
    title = new.title, description = new.description, complete = new.complete, completed_at = new.completed_at,
    priority = new.priority, tags = new.tags, tag_keys = new.tag_keys, due_date = new.due_date, due_time = new.due_time,
    due_zone = new.due_zone, due_at = new.due_at, revision = new.revision, updated_at = new.updated_at
  where t.space_id = space and t.id = task;
  shown := tw.task_json(new);
  return tw.finish_mutation(space, m, array[tw.task_change(old, new, shown)], shown);
end $$;
