-- tasks.create and tasks.createMany: creates tasks, all or none. A draft has every field of the contract, and `tagKeys`
-- beside `tags`. `places` say where they go: each is a list, a task that is there already (`after`, null: first; or
-- `last`), and the drafts that go there, one after the other, by their number in the call. Writes at most `most` rows.
create or replace function tw.create_tasks(
  space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text,
  drafts jsonb, places jsonb, many boolean, most integer
) returns tw.answer language plpgsql volatile as $$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  refused record;
  placed tw.placement;
  created tw.change[];
  shown json;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  refused := tw.refused_drafts(space, drafts, places, many);
  if refused.outcome is not null then return tw.answered(m, refused.outcome, refused.reply); end if;

  placed := tw.place_drafts(space, m, places, most - jsonb_array_length(drafts));
  m := placed.m;
  with inserted as (
    insert into tw.tasks as t (space_id, id, user_id, list_id, title, description, complete, completed_at, priority,
      tags, tag_keys, due_date, due_time, due_zone, due_at, position, revision, created_at, updated_at)
    select space, d.id, m.user_id, d.list, d.title, d.description, d.complete, case when d.complete then m.at end,
      tw.priority_rank(d.priority), d.tags, d.tag_keys, (d.due->>'date')::date, (d.due->>'time')::time, d.due->>'timeZone',
      case when d.due ? 'time' then tw.due_at((d.due->>'date')::date, (d.due->>'time')::time, d.due->>'timeZone') end,
      placed.positions[d.nr], m.revision + d.nr, m.at, m.at
    from rows from (jsonb_to_recordset(drafts) as (
      id uuid, "listId" uuid, title text, description text, complete boolean, priority text, tags text[], "tagKeys" text[], due jsonb
    )) with ordinality d(id, list, title, description, complete, priority, tags, tag_keys, due, nr)
    returning t
  )
  select array_agg(tw.task_change(null, s.t, s.json) order by (s.t).revision), json_agg(s.json order by (s.t).revision)
    into created, shown
  from (select i.t, tw.task_json(i.t) as json from inserted i offset 0) s;
  return tw.finish_mutation(space, m, created, case when many then json_build_object('tasks', shown) else shown->0 end);
end $$;
