-- Rebalances the first `amount` tasks of a list after the position `rebalance_from` (null: from the start): spreads
-- them evenly up to the next task. Logs this as a commit of the system. Does nothing if too few positions are free
-- there.
--
-- Example: A and B stand close after 80000000, and C at 80000003. For two tasks it computes the five positions that
-- divide the interval from 80000000 to 80000003: 800000004, 800000008, 80000001, 800000018 and 80000002. The first
-- stays free for the next task to be placed; A gets 800000008, B gets 80000001.
create or replace function tw.rebalance_tasks(space uuid, m tw.mutation, list uuid, rebalance_from text, amount int)
returns tw.mutation language plpgsql volatile as $$
declare
  -- As in tw.place_tasks().
  list_scope constant uuid := case when list is null then space else list end;
  low constant text collate "C" := case when rebalance_from is null then '' else rebalance_from end;
  locations tid[];
  ids uuid[];
  old_positions text[];
  new_positions text[];
begin
  if amount < 1 then return m; end if;
  select array_agg(x.ctid order by x.position), array_agg(x.id order by x.position), array_agg(x.position::text order by x.position)
    into locations, ids, old_positions
  from (
    select t.ctid, t.id, t.position from tw.tasks t
    where t.space_id = space and case when t.list_id is null then t.space_id else t.list_id end = list_scope and t.deleted_at is null
      and t.position > low
    order by t.position limit amount + 1
  ) x;
  -- One task more than `amount` was read: it is the upper end.
  new_positions := tw.positions_between(
    rebalance_from, old_positions[amount + 1], 2 * least(cardinality(old_positions), amount) + 1);
  -- Leaves four digits for the next tasks that are placed between two of these.
  if exists (select from unnest(new_positions) p where length(p) > tw.longest_position() - 4) then return m; end if;
  old_positions := old_positions[:amount];
  -- Of 2n + 1 positions, the n tasks hold at most n now, so at least n + 1 are free. Only free ones are used, so that
  -- the update never meets an occupied position. The first free one stays free.
  new_positions := array(select p from unnest(new_positions) p where p not in (select o from unnest(old_positions) o)
    order by p collate "C" offset 1 limit cardinality(old_positions));
  -- The update finds each row by its ctid.
  update tw.tasks t set position = n.position, revision = m.revision + n.nr, updated_at = m.at
    from unnest(locations[:amount], new_positions) with ordinality n(location, position, nr)
    where t.space_id = space and t.ctid = n.location;
  return tw.log_changes(space, m, array(
    select row('move', 'task', x.id, jsonb_build_object('position', x.old), jsonb_build_object('position', x.new))::tw.change
    from unnest(ids[:amount], old_positions, new_positions) with ordinality x(id, old, new, nr) order by x.nr
  ), by_system => true);
end $$;
