-- True if `task` is a task of a list (null: the inbox) and not in the trash.
create or replace function tw.is_in_list(space uuid, list uuid, task uuid) returns boolean language plpgsql stable as $$
begin
  return exists (
    -- By id alone (offset 0), or the planner may scan the list: see tw.place_tasks().
    select from (select * from tw.tasks t where t.space_id = space and t.id = task offset 0) t
    where t.list_id is not distinct from list and t.deleted_at is null);
end $$;
