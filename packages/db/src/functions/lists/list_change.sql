-- The Change of a list from the state `old` to the state `new`, with its action. If `old` is null the list was created,
-- if `new` is null it was deleted.
create or replace function tw.list_change(old tw.lists, new tw.lists) returns tw.change language plpgsql stable as $$
declare
  differences jsonb;
begin
  if old.id is null then return row('create', 'list', new.id, null, tw.list_json(new))::tw.change; end if;
  if new.id is null then return row('delete', 'list', old.id, tw.list_json(old), null)::tw.change; end if;
  differences := tw.differences(tw.list_json(old), tw.list_json(new));
  return row(case when (differences->'after') - 'position' = '{}' then 'move' else 'update' end, 'list', new.id,
    differences->'before', differences->'after')::tw.change;
end $$;
