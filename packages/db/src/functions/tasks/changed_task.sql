-- Returns the task with `changes` applied. These are fields of the contract, and with `tags` also `tag_keys`, which the
-- service computes.
create or replace function tw.changed_task(t tw.tasks, changes jsonb, at timestamptz) returns tw.tasks
language plpgsql stable as $$
begin
  if changes ? 'title' then t.title := changes->>'title'; end if;
  if changes ? 'description' then t.description := changes->>'description'; end if;
  if changes ? 'complete' and (changes->>'complete')::boolean <> t.complete then
    t.complete := not t.complete;
    t.completed_at := case when t.complete then at end;
  end if;
  if changes ? 'priority' then t.priority := tw.priority_rank(changes->>'priority'); end if;
  if changes ? 'tags' then
    t.tags := array(select jsonb_array_elements_text(changes->'tags'));
    t.tag_keys := array(select jsonb_array_elements_text(changes->'tag_keys'));
  end if;
  if changes ? 'due' then
    t.due_date := (changes->'due'->>'date')::date;
    t.due_time := (changes->'due'->>'time')::time;
    t.due_zone := changes->'due'->>'timeZone';
  end if;
  if changes ? 'dueDate' then t.due_date := (changes->>'dueDate')::date; end if;
  if changes ?| array['due', 'dueDate'] then
    t.due_at := null;
    if t.due_time is not null then t.due_at := tw.due_at(t.due_date, t.due_time, t.due_zone); end if;
  end if;
  return t;
end $$;
