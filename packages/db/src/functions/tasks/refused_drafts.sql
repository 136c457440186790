-- Returns the first reason to refuse a tasks.createMany, by the order of its drafts; `outcome` is null if there is
-- none. For an id that does not exist, `reply` is its path. For an id that is in use, `reply` has the id's `path`, and
-- as `current` the task with this id, null if the task was purged.
create or replace function tw.refused_drafts(space uuid, drafts jsonb, places jsonb, out outcome text, out reply json)
language plpgsql stable as $$
begin
  select x.outcome, case when x.outcome = 'draft_exists' then json_build_object('path', p.path, 'current', x.there) else to_json(p.path) end
    into outcome, reply
  from (
    select d.nr, 1 as rank, 'draft_exists' as outcome, '.id' as field, t.there
    from rows from (jsonb_to_recordset(drafts) as (id uuid)) with ordinality d(id, nr)
    -- Looked up one by one, here and below: for two exists() conditions the planner would hash all tasks of the user.
    cross join lateral (
      select tw.task_json(t) as there from tw.tasks t where t.space_id = space and t.id = d.id
      union all
      -- The id of a purged task or a deleted list stays in use as long as its Changes are kept.
      (select null from tw.changes c where c.space_id = space and c.entity_id = d.id and c.entity in ('list', 'task') limit 1)
      limit 1
    ) t
    union all
    select (select min(n) from unnest(p.drafts) n), 2, 'no_list', '.listId', null
    from jsonb_to_recordset(places) p("listId" uuid, drafts int[])
    left join lateral (select l.id from tw.lists l where l.space_id = space and l.id = p."listId" offset 0) l on true
    where p."listId" is not null and l.id is null
    union all
    select (select min(n) from unnest(p.drafts) n), 3, 'no_after', '.after', null
    from jsonb_to_recordset(places) p("listId" uuid, after uuid, drafts int[])
    left join lateral (select t.* from tw.tasks t where t.space_id = space and t.id = p.after offset 0) t
      on t.list_id is not distinct from p."listId" and t.deleted_at is null
    where p.after is not null and t.id is null
  ) x cross join lateral (select 'tasks.' || x.nr - 1 || x.field as path) p
  order by x.nr, x.rank limit 1;
end $$;
