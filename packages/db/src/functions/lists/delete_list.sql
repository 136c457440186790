-- lists.delete: deletes a list. Its tasks move to the end of the inbox, or, with `trash`, to the trash without a list.
-- One commit has all Changes: first of the live tasks in their order, then of the tasks already in the trash, then of
-- the list.
create or replace function tw.delete_list(
  space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text,
  list uuid, trash boolean, expected bigint, most_rows integer
) returns tw.answer language plpgsql volatile as $$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  old tw.lists;
  olds tw.tasks[];
  news tw.tasks[];
  new tw.tasks;
  last_position bigint;
  changes tw.change[];
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  select l.* into old from tw.lists l where l.space_id = space and l.id = list;
  if not found then return tw.answered(m, 'missing'); end if;
  if old.revision <> expected then return tw.answered(m, 'conflict', tw.list_json(old)); end if;
  olds := array(select t from tw.tasks t where t.space_id = space and t.list_id = list
    order by t.deleted_at is not null, t.position, t.id limit most_rows);
  -- The list itself counts as one of `most_rows`.
  if cardinality(olds) >= most_rows then return tw.answered(m, 'limit'); end if;

  news := olds;
  last_position := tw.last_position(space, null);
  for nr in 1..cardinality(news) loop
    new := news[nr];
    new.list_id := null;
    if new.deleted_at is null then
      if trash then new.deleted_at := m.at; else new.position := tw.position_text(last_position + nr); end if;
    end if;
    news[nr] := new;
  end loop;
  select s.changes into changes from tw.save_tasks(space, m, olds, news) s;
  delete from tw.lists l where l.space_id = space and l.id = list;
  changes := changes || row('delete', 'list', list, tw.list_json(old)::jsonb, null)::tw.change;
  return tw.finish_mutation(space, m, changes, json_build_object('id', list, 'revision', m.revision + cardinality(changes)));
end $$;
