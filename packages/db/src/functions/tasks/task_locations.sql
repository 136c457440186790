-- The locations (ctid) of the tasks `ids`, in order; null for an id that does not exist. Each is looked up by its key.
create or replace function tw.task_locations(space uuid, ids uuid[]) returns tid[]
language plpgsql stable as $$
begin
  return array(
    select x.location from unnest(ids) with ordinality i(id, nr)
      left join lateral (select t.ctid as location from tw.tasks t where t.space_id = space and t.id = i.id offset 0) x on true
    order by i.nr);
end $$;
