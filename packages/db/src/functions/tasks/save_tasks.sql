-- Writes many tasks as `news` has them, with revisions from m.revision + 1 on, in order; gives them as they are then, and
-- their Changes. Each differs from its row in `olds`. By nested loops alone, each row is found by its key, whatever the
-- planner expects.
create or replace function tw.save_tasks(
  space uuid, m tw.mutation, olds tw.tasks[], inout news tw.tasks[], out changes tw.change[]
) language plpgsql volatile set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  with written as (
    update tw.tasks t set
      list_id = n.list_id, title = n.title, description = n.description, complete = n.complete,
      completed_at = n.completed_at, priority = n.priority, tags = n.tags, tag_keys = n.tag_keys,
      due_date = n.due_date, due_time = n.due_time, due_zone = n.due_zone, due_at = n.due_at,
      position = n.position, revision = m.revision + n.ordinality, updated_at = m.at, deleted_at = n.deleted_at
    from unnest(news) with ordinality n
    where t.space_id = space and t.id = n.id
    returning t, n.ordinality as nr
  )
  select coalesce(array_agg(w.t order by w.nr), '{}'),
    coalesce(array_agg(tw.task_change(olds[w.nr], w.t, tw.task_json(w.t)) order by w.nr), '{}')
  into news, changes from written w;
end $$;
