-- The Change of a task from the state `old` to the state `new`, with its action; if `old` is null the task was created.
-- `shown` is `new` as JSON.
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
