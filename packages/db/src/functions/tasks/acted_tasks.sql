-- Returns the tasks at `locations` that an action of tasks.bulk changes, in order: `olds` before it, `news` after it. If
-- more than `most_rows` change, it returns any `most_rows` + 1 of them.
create or replace function tw.acted_tasks(
  space uuid, locations tid[], action text, changes jsonb, list uuid, at timestamptz, most_rows int, out olds tw.tasks[], out news tw.tasks[]
) language plpgsql stable as $$
begin
  select coalesce(array_agg(x.old order by x.nr), '{}'), coalesce(array_agg(x.new order by x.nr), '{}') into olds, news from (
    select a.old, a.new, l.nr from unnest(locations) with ordinality l(location, nr) cross join lateral (
      select t as old, tw.acted_task(t, action, changes, list, at) as new from tw.tasks t
      where t.space_id = space and t.ctid = l.location offset 0
    ) a where a.new is distinct from a.old limit most_rows + 1
  ) x;
end $$;
