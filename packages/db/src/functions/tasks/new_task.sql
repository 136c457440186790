-- A new task from `fields` (see tw.changed_task()), with the contract's default for each field that is missing. `place` is
-- its position.
create or replace function tw.new_task(
  space uuid, m tw.mutation, task uuid, list uuid, fields jsonb, place text, revision bigint
) returns tw.tasks language plpgsql stable as $$
declare
  t tw.tasks;
begin
  t.space_id := space;
  t.id := task;
  t.user_id := m.user_id;
  t.list_id := list;
  t.complete := false;
  t.priority := 0;
  t.tags := '{}';
  t.tag_keys := '{}';
  t.position := place;
  t.revision := revision;
  t.created_at := m.at;
  t.updated_at := m.at;
  return tw.changed_task(t, fields, m.at);
end $$;
