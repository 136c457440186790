-- The task after an action of tasks.bulk, with its position unchanged; null if the action purges it.
create or replace function tw.acted_task(t tw.tasks, action text, changes jsonb, list uuid, at timestamptz) returns tw.tasks
language plpgsql stable as $$
begin
  case action
    when 'update' then t := tw.changed_task(t, changes, at);
    when 'move' then t.list_id := list;
    when 'delete' then t.deleted_at := case when t.deleted_at is null then at else t.deleted_at end;
    when 'restore' then t.deleted_at := null;
    when 'purge' then t := null;
  end case;
  return t;
end $$;
