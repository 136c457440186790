-- tasks.bulk: performs one action on all of the tasks `ids`, or on all tasks that match `clauses`, or on none. With
-- `dry` it changes nothing and returns what it would change. `clauses` are the conditions of tasks.list on `t`, with
-- their values in `parameters` ($1). Only the service writes the text of the clauses, which never contains a caller's
-- value. EXECUTE runs them as the login that calls this function, which may send any statement anyway.
create or replace function tw.bulk_tasks(
  space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text,
  ids uuid[], clauses text, parameters text[], action text, changes jsonb, list uuid, dry boolean,
  most_rows integer, most_shown integer
) returns tw.answer language plpgsql volatile as $$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  locations tid[];
  trashed tw.tasks;
  olds tw.tasks[];
  news tw.tasks[];
  logged tw.change[];
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  if ids is not null then
    locations := tw.task_locations(space, ids);
    if array_position(locations, null) is not null then
      return tw.answered(m, 'missing', to_json('ids.' || (array_position(locations, null) - 1)));
    end if;
  else
    execute 'select array(select t.ctid from tw.tasks t where t.space_id = $2 and (' || clauses || ') order by t.created_at, t.id)'
      into locations using parameters, space;
  end if;
  -- Checked here too, since the foreign key is not checked if no task matches.
  if action = 'move' and list is not null and not exists (select from tw.lists l where l.space_id = space and l.id = list) then
    return tw.answered(m, 'no_list', to_json('action.listId'::text));
  end if;
  if action in ('update', 'move') then
    trashed := tw.first_trashed(space, locations);
    if trashed.id is not null then return tw.answered(m, 'in_trash', tw.task_json(trashed)); end if;
  end if;

  select a.olds, a.news into olds, news from tw.acted_tasks(space, locations, action, changes, list, m.at, most_rows) a;
  if cardinality(olds) > most_rows then return tw.answered(m, 'limit'); end if;
  if dry then return tw.answered(m, 'ok', tw.bulk_reply(cardinality(olds), olds[:most_shown], m.revision)); end if;
  if action = 'purge' then
    logged := tw.erase_tasks(space, array(select o.id from unnest(olds) with ordinality o order by o.ordinality));
    -- The reply does not show purged tasks.
    news := '{}';
  else
    if action in ('move', 'restore') then news := tw.positioned_last(space, news); end if;
    select s.news, s.changes into news, logged from tw.save_tasks(space, m, olds, news) s;
  end if;
  return tw.finish_mutation(space, m, logged, tw.bulk_reply(cardinality(olds), news[:most_shown], m.revision + cardinality(olds)));
end $$;
