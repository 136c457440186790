-- tasks.purge: erases a task for good, even if it is not in the trash, and its contents in the log.
create or replace function tw.purge_task(
  space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text,
  task uuid, expected bigint
) returns tw.answer language plpgsql volatile as $$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  old tw.tasks;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  select t.* into old from tw.tasks t where t.space_id = space and t.id = task;
  if not found then return tw.answered(m, 'missing'); end if;
  if old.revision <> expected then return tw.answered(m, 'conflict', tw.task_json(old)); end if;

  return tw.finish_mutation(space, m, tw.erase_tasks(space, array[task]),
    json_build_object('id', task, 'revision', m.revision + 1));
end $$;
