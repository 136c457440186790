-- Returns why a commit cannot be undone, null if it can: `purged` (a task's row is gone), `list_gone` (a list, or the list
-- of a task, is gone), or `name_taken` (another list has the name). `tasks` and `lists` are the current rows of
-- `task_changes` and `list_changes`.
create or replace function tw.revert_obstacle(
  space uuid, task_changes tw.change[], list_changes tw.change[], tasks tw.tasks[], lists tw.lists[], keys jsonb
) returns text language plpgsql stable as $$
declare
  own constant uuid[] := array(select u.entity_id from unnest(list_changes) u);
begin
  return case
    when exists (select from unnest(tasks) t where t.id is null) then 'purged'
    when exists (
      select from unnest(list_changes) with ordinality u(action, entity, entity_id, before, after, nr)
      where u.after is not null and (lists[u.nr]).id is null) then 'list_gone'
    when exists (
      select from (select distinct (u.before->>'listId')::uuid as id from unnest(task_changes) u) target
      where target.id is not null and target.id <> all (own)
        and not exists (select from tw.lists l where l.space_id = space and l.id = target.id)) then 'list_gone'
    when exists (
      select from unnest(list_changes) u join tw.lists l
        on l.space_id = space and l.name_key = tw.known_key(u.before->>'name', keys) and l.id <> u.entity_id) then 'name_taken'
  end;
end $$;
