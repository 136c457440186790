-- Returns, by id, the tasks and lists that only rebalances have moved since a revision. Each has its position at that
-- revision (`old`), its current position (`now`) and its `list_scope`: a list's id, the space's id for the inbox, null
-- for the lists themselves.
create or replace function tw.rebalanced_since(space uuid, since bigint) returns jsonb language plpgsql stable as $$
begin
  return (
    with steps as (
      select c.entity_id as id, c.revision as nr, c.before->>'position' as old, c.after->>'position' as new,
        lag(c.after->>'position') over (partition by c.entity_id order by c.revision) as previous
      from tw.changes c
      where c.space_id = space and c.actor_kind = 'system' and c.revision > since and c.before->'position' is not null
    ), moves as (
      select s.id, (array_agg(s.old order by s.nr))[1] as old, (array_agg(s.new order by s.nr desc))[1] as now
      from steps s group by s.id
      -- Excludes rows that a caller moved between two rebalances: their old position says nothing about the current
      -- one.
      having bool_and(s.previous is null or s.previous = s.old)
    )
    select coalesce(jsonb_object_agg(v.id, jsonb_build_object('old', v.old, 'now', v.now, 'list_scope', place.list_scope)), '{}')
    from moves v cross join lateral (
      select case when t.list_id is null then t.space_id else t.list_id end as list_scope, t.position
        from (select * from tw.tasks t where t.space_id = space and t.id = v.id offset 0) t where t.deleted_at is null
      union all
      select null, l.position from (select * from tw.lists l where l.space_id = space and l.id = v.id offset 0) l
    ) place
    where place.position = v.now
  );
end $$;
