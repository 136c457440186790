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
  return row(
    case
      when old.deleted_at is null and new.deleted_at is not null then 'delete'
      when old.deleted_at is not null and new.deleted_at is null then 'restore'
      when new.complete and not old.complete then 'complete'
      when old.complete and not new.complete then 'reopen'
      when (old.list_id, old.position) is distinct from (new.list_id, new.position) then 'move'
      else 'update'
    end, 'task', new.id, differences->'before', differences->'after')::tw.change;
end $$;
