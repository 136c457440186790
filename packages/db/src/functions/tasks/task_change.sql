-- The Change from one state of a task to another, named by what was done; a task that was not there is created. `shown`
-- is the new state as callers see it.
create or replace function tw.task_change(old tw.tasks, new tw.tasks, shown json) returns tw.change
language plpgsql stable as $$
declare
  differences jsonb;
begin
  if old.id is null then
    return row('create', 'task', new.id, null, shown::jsonb)::tw.change;
  end if;
  differences := tw.differences(tw.task_json(old), shown);
  return row(tw.task_action(old, new), 'task', new.id, differences->'before', differences->'after')::tw.change;
end $$;
