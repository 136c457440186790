-- Gives all lists new positions after the last one, in their order, so that no new position equals an old one. Logs
-- this as a commit of the system, before the caller's change. Does nothing if there are more than `most_rebalanced`
-- lists.
create or replace function tw.rebalance_lists(space uuid, m tw.mutation, most_rebalanced int) returns tw.mutation
language plpgsql volatile as $$
declare
  changes tw.change[];
begin
  if (select count(*) from tw.lists l where l.space_id = space) > most_rebalanced then return m; end if;
  with old as (
    -- The update finds each row by its ctid, whatever plan the planner chooses.
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
