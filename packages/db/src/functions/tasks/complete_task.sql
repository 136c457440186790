-- tasks.complete: completes or reopens a task. Refuses a task that is missing, in the trash, or not at revision `expected`.
create or replace function tw.complete_task(
  space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text,
  task uuid, complete boolean, expected bigint
) returns tw.answer language plpgsql volatile as $$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  old tw.tasks;
  new tw.tasks;
  shown json;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  select t.* into old from tw.tasks t where t.space_id = space and t.id = task;
  if not found then return tw.answered(m, 'missing'); end if;
  if old.deleted_at is not null then return tw.answered(m, 'in_trash', tw.task_json(old)); end if;
  if old.revision <> expected then return tw.answered(m, 'conflict', tw.task_json(old)); end if;

  if old.complete = complete then
    return tw.finish_mutation(space, m, '{}', tw.task_json(old), unchanged => task);
  end if;
  new := old;
  new.complete := complete;
  new.completed_at := case when complete then m.at end;
  new.revision := m.revision + 1;
  new.updated_at := m.at;
  update tw.tasks t set
    complete = new.complete, completed_at = new.completed_at, revision = new.revision, updated_at = new.updated_at
  where t.space_id = space and t.id = task;
  shown := tw.task_json(new);
  return tw.finish_mutation(space, m, array[tw.task_change(old, new, shown)], shown);
end $$;
