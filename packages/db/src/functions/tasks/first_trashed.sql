-- The first of the tasks at `locations` that is in the trash; null if none is.
create or replace function tw.first_trashed(space uuid, locations tid[]) returns tw.tasks
language plpgsql stable as $$
declare
  found_task tw.tasks;
begin
  select x.* into found_task from unnest(locations) with ordinality l(location, nr) cross join lateral (
    select t.* from tw.tasks t where t.space_id = space and t.ctid = l.location and t.deleted_at is not null offset 0
  ) x order by l.nr limit 1;
  return found_task;
end $$;
