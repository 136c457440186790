-- lists.update: changes fields of a list (see tw.changed_list()), moves it after the list `after` (null: first) if
-- `after_given`, or both.
create or replace function tw.update_list(
  space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text,
  list uuid, fields jsonb, after_given boolean, after uuid, expected bigint, most_rows int
) returns tw.answer language plpgsql volatile as $$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  old tw.lists;
  other tw.lists;
  new tw.lists;
  new_position text;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  select l.* into old from tw.lists l where l.space_id = space and l.id = list;
  if not found then return tw.answered(m, 'missing'); end if;
  if old.revision <> expected then return tw.answered(m, 'conflict', tw.list_json(old)); end if;
  select l.* into other from tw.lists l where l.space_id = space and l.name_key = fields->>'name_key' and l.id <> list;
  if found then return tw.answered(m, 'exists', tw.list_json(other)); end if;
  if after is not null and not exists (select from tw.lists l where l.space_id = space and l.id = after) then
    return tw.answered(m, 'no_after', to_json('changes.after'::text));
  end if;

  if after_given then
    new_position := tw.place_list(space, true, after, list);
    if new_position is null then
      m := tw.rebalance_lists(space, m, most_rows - 1);
      new_position := tw.place_list(space, true, after, list);
      if new_position is null then return tw.answered(m, 'limit'); end if;
      select l.* into old from tw.lists l where l.space_id = space and l.id = list;
    end if;
  end if;
  new := tw.changed_list(old, fields);
  if after_given then new.position := new_position; end if;
  if new is not distinct from old then return tw.finish_mutation(space, m, '{}', tw.list_json(old)); end if;
  new.revision := m.revision + 1;
  new.updated_at := m.at;
  perform tw.save_lists(space, array[new]);
  return tw.finish_mutation(space, m, array[tw.list_change(old, new)], tw.list_json(new));
end $$;
