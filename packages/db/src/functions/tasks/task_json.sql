-- The task as JSON. Converts a typed row, since json_build_object() would look up the type of each value in every row.
create or replace function tw.task_json(t tw.tasks) returns json language sql stable as $$
  select row_to_json(row(
  t.id, t.space_id, t.user_id, t.list_id, t.title, t.description, t.complete, tw.iso(t.completed_at),
  (array['none', 'low', 'medium', 'high', 'urgent'])[t.priority + 1], t.tags,
  case when t.due_time is not null
    then json_build_object('date', t.due_date, 'time', left(t.due_time::text, 5), 'timeZone', t.due_zone)
    when t.due_date is not null then json_build_object('date', t.due_date) end,
  tw.iso(t.due_at), t.position, t.revision, tw.iso(t.created_at), tw.iso(t.updated_at), tw.iso(t.deleted_at))::tw.task_shape)
$$;
