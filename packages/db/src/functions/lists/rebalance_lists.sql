-- Moves all lists after the last one, in their order, so that none takes a position that another still has: a commit
-- of the service's own, before what the caller changes. More than `most_rebalanced` stay as they are.
create or replace function tw.rebalance_lists(space uuid, m tw.mutation, most_rebalanced int) returns tw.mutation
language plpgsql volatile as $$
declare
  changes tw.change[];
begin
  if (select count(*) from tw.lists l where l.space_id = space) > most_rebalanced then return m; end if;
  with old as (
    -- By its location on disk the update finds each row again at once, whatever the planner expects.
    select l as was, l.ctid as location, row_number() over (order by l.position) as nr,
      max(l.position) over () as last_position
    from tw.lists l where l.space_id = space
  ), moved as (
    update tw.lists l set
      position = tw.position_text(tw.position_integer(o.last_position) + o.nr), revision = m.revision + o.nr, updated_at = m.at
    from old o where l.space_id = space and l.ctid = o.location
    returning o.nr, tw.list_change(o.was, l) as change
  )
  select array_agg(x.change order by x.nr) into changes from moved x;
  return tw.log_changes(space, m, changes, by_system => true);
end $$;
