-- Writes the tasks `news`, each different from its row in `olds`, in order and with revisions from m.revision + 1 on.
-- Returns the written rows, and their Changes.
create or replace function tw.save_tasks(
  space uuid, m tw.mutation, olds tw.tasks[], inout news tw.tasks[], out changes tw.change[]
) language plpgsql volatile as $$
declare
  locations constant tid[] := tw.task_locations(space, array(select n.id from unnest(news) with ordinality n order by n.ordinality));
begin
  with written as (
    update tw.tasks t set
      list_id = n.list_id, title = n.title, description = n.description, complete = n.complete,
      completed_at = n.completed_at, priority = n.priority, tags = n.tags, tag_keys = n.tag_keys,
      due_date = n.due_date, due_time = n.due_time, due_zone = n.due_zone, due_at = n.due_at,
      position = n.position, revision = m.revision + l.nr, updated_at = m.at, deleted_at = n.deleted_at
    from tw.each_location(locations) with ordinality l(location, nr) cross join lateral (select (news[l.nr]).*) n
    where t.space_id = space and t.ctid = l.location
    returning t as task, l.nr
  )
  select coalesce(array_agg(w.task order by w.nr), '{}') into news from written w;
  changes := '{}';
  for nr in 1..cardinality(news) loop
    changes[nr] := tw.task_change(olds[nr], news[nr], tw.task_json(news[nr]));
  end loop;
end $$;
