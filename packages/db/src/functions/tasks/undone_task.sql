-- The task as it was before a Change: `before` has fields as the contract has them, null where the Change created it,
-- which is undone into the trash. `keys` is as tw.known_key() takes it, `new_position` the position that it goes back to.
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
  -- A restoration is undone to the time at which it was deleted, so that the deletion can be undone in its turn.
  if before ? 'deletedAt' then
    t.deleted_at := case when before->>'deletedAt' is not null then coalesce(t.deleted_at, (before->>'deletedAt')::timestamptz) end;
  end if;
  return t;
end $$;
