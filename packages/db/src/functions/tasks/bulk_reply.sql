-- The reply of tasks.bulk: the number of affected tasks, the first few of them, and the space's revision.
create or replace function tw.bulk_reply(affected int, tasks tw.tasks[], revision bigint) returns json language plpgsql stable as $$
begin
  return json_build_object('affected', affected,
    'tasks', (select coalesce(json_agg(tw.task_json(x.task) order by x.nr), '[]') from (
      select tasks[n] as task, n as nr from generate_subscripts(tasks, 1) n offset 0) x),
    'revision', revision);
end $$;
