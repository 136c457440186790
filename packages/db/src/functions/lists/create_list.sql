-- lists.create: creates a list from `fields` (see tw.changed_list()). With `after_given` the list goes after the list
-- `after` (null: first), otherwise last. Refuses an id or a name that is in use.
create or replace function tw.create_list(
  space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text,
  list uuid, fields jsonb, after_given boolean, after uuid, most_rows int
) returns tw.answer language plpgsql volatile as $$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  other tw.lists;
  new tw.lists;
  new_position text;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  select l.* into other from tw.lists l where l.space_id = space and l.id = list;
  if found then return tw.answered(m, 'exists', tw.list_json(other)); end if;
  -- The id of a purged task or a deleted list stays in use as long as its Changes are kept.
  if exists (select from tw.changes c where c.space_id = space and c.entity_id = list and c.entity in ('list', 'task')) then
    return tw.answered(m, 'exists');
  end if;
  select l.* into other from tw.lists l where l.space_id = space and l.name_key = fields->>'name_key';
  if found then return tw.answered(m, 'exists', tw.list_json(other)); end if;
  if after is not null and not exists (select from tw.lists l where l.space_id = space and l.id = after) then
    return tw.answered(m, 'no_after');
  end if;

  new_position := tw.place_list(space, after_given, after, null);
  if new_position is null then
    m := tw.rebalance_lists(space, m, most_rows - 1);
    new_position := tw.place_list(space, after_given, after, null);
    if new_position is null then return tw.answered(m, 'limit'); end if;
  end if;
  new.space_id := space;
  new.id := list;
  new.position := new_position;
  new.revision := m.revision + 1;
  new.created_at := m.at;
  new.updated_at := m.at;
  new := tw.changed_list(new, fields);
  insert into tw.lists values (new.*);
  return tw.finish_mutation(space, m, array[tw.list_change(null, new)], tw.list_json(new));
end $$;
