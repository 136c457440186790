-- tasks.createMany: creates tasks, all or none. A draft has an `id`, a `listId` and the fields of tw.changed_task().
-- `places` say where the drafts go. Each has a `listId`, and either `last` or `after`, an existing task (null: first).
-- Its `drafts` are the numbers of the drafts that go there, in order. Writes at most `most_rows` rows.
create or replace function tw.create_tasks(
  space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text,
  drafts jsonb, places jsonb, most_rows integer
) returns tw.answer language plpgsql volatile as $$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  refused record;
  placement tw.placement;
  created tw.change[];
  shown json;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  refused := tw.refused_drafts(space, drafts, places);
  if refused.outcome is not null then return tw.answered(m, refused.outcome, refused.reply); end if;

  placement := tw.place_drafts(space, m, places, most_rows - jsonb_array_length(drafts));
  m := placement.m;
  with inserted as (
    insert into tw.tasks as t
    select n.* from jsonb_array_elements(drafts) with ordinality d(draft, nr)
    cross join lateral tw.new_task(space, m, (d.draft->>'id')::uuid, (d.draft->>'listId')::uuid, d.draft,
      placement.positions[d.nr], m.revision + d.nr) n
    returning t
  )
  select array_agg(tw.task_change(null, s.t, s.json) order by (s.t).revision), json_agg(s.json order by (s.t).revision)
    into created, shown
  from (select i.t, tw.task_json(i.t) as json from inserted i offset 0) s;
  return tw.finish_mutation(space, m, created, json_build_object('tasks', shown));
end $$;
