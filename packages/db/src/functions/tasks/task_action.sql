-- The action of a Change, derived from the two states of the task, whatever procedure was called.
create or replace function tw.task_action(old tw.tasks, new tw.tasks) returns text language sql immutable parallel safe as $$
  select case
    when old.deleted_at is null and new.deleted_at is not null then 'delete'
    when old.deleted_at is not null and new.deleted_at is null then 'restore'
    when new.complete and not old.complete then 'complete'
    when old.complete and not new.complete then 'reopen'
    when (old.list_id, old.position) is distinct from (new.list_id, new.position) then 'move'
    else 'update'
  end
$$;
