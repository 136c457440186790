-- Erases tasks: their rows, the contents of their Changes, and the stored replies that show them. Returns the Changes of
-- the purge, which hold no contents either. Each row is looked up by a key, then written by its location.
create or replace function tw.erase_tasks(space uuid, ids uuid[]) returns tw.change[]
language plpgsql volatile as $$
declare
  locations tid[];
  mutations uuid[];
begin
  locations := tw.task_locations(space, ids);
  delete from tw.tasks t using tw.each_location(locations) l(location) where t.space_id = space and t.ctid = l.location;

  locations := array(
    select x.location from unnest(ids) i(id) cross join lateral (
      select c.ctid as location from tw.changes c where c.space_id = space and c.entity_id = i.id and c.entity = 'task' offset 0) x);
  with emptied as (
    update tw.changes c set redacted = true,
      before = case when c.before is not null then '{}'::jsonb end, after = case when c.after is not null then '{}'::jsonb end
    from tw.each_location(locations) l(location) where c.space_id = space and c.ctid = l.location
    returning c.mutation_id
  )
  select array_agg(distinct e.mutation_id) into mutations from emptied e where e.mutation_id is not null;

  locations := array(
    select x.location from unnest(mutations) i(id) cross join lateral (
      select r.ctid as location from tw.mutations r where r.space_id = space and r.mutation_id = i.id offset 0) x
    union select x.location from unnest(ids) i(id) cross join lateral (
      select r.ctid as location from tw.mutations r where r.space_id = space and r.unchanged_id = i.id offset 0) x);
  update tw.mutations r set reply = null from tw.each_location(locations) l(location)
    where r.space_id = space and r.ctid = l.location and r.reply is not null;

  return array(select row('purge', 'task', i.id, '{}', null)::tw.change from unnest(ids) with ordinality i(id, nr) order by i.nr);
end $$;
