-- The list as it was before a Change; null if the Change created it. `keys` as for tw.known_key(). `new_position` is the
-- position that the list returns to, null to keep its current one.
create or replace function tw.undone_list(space uuid, l tw.lists, change tw.change, keys jsonb, new_position text)
returns tw.lists language plpgsql stable as $$
declare
  before jsonb := change.before;
begin
  if before is null then return null; end if;
  if l.id is null then
    l.space_id := space;
    l.id := change.entity_id;
    l.created_at := (before->>'createdAt')::timestamptz;
  end if;
  if before ? 'name' then
    before := before || jsonb_build_object('name_key', tw.known_key(before->>'name', keys));
  end if;
  l := tw.changed_list(l, before);
  l.position := coalesce(new_position, l.position);
  return l;
end $$;
