-- The task as it was before a Change. `before` has its fields as in the contract; it is null if the Change created the
-- task, which then goes to the trash. `keys` as for tw.known_key(). `new_position` is the position that the task
-- returns to.
create or replace function tw.undone_task(t tw.tasks, before jsonb, keys jsonb, new_position text, at timestamptz) returns tw.tasks
language plpgsql stable as $$
begin
  if before is null then
    t.deleted_at := coalesce(t.deleted_at, at);
    return t;
  end if;
  if before ? 'tags' then
    before := before || jsonb_build_object('tag_keys', array(
      select tw.known_key(x.tag, keys) from jsonb_array_elements_text(before->'tags') with ordinality x(tag, nr) order by x.nr));
  end if;
  t := tw.changed_task(t, before, at);
  if t.complete and before->>'completedAt' is not null then t.completed_at := (before->>'completedAt')::timestamptz; end if;
  if before ? 'listId' then t.list_id := (before->>'listId')::uuid; end if;
  t.position := coalesce(new_position, before->>'position', t.position);
  -- Undoing a restore sets the old time of deletion again, so that the deletion can be undone after it.
  if before ? 'deletedAt' then
    t.deleted_at := case when before->>'deletedAt' is not null then coalesce(t.deleted_at, (before->>'deletedAt')::timestamptz) end;
  end if;
  return t;
end $$;
