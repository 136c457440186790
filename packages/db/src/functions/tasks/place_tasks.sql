-- Returns `amount` positions in a list, in order: after `after`, a live task of the list, or, if it is null, before all
-- tasks. `self` is the task that moves, null for new ones; it keeps its position if that is already right. If too few
-- positions are free between the two neighbours, tasks around them are rebalanced first, at most `most_rebalanced`.
-- Raises TW507 if that is not enough.
--
-- In a list of A at 80000000 and B at 80000001, one task gets 800000008 after A, 7fffffff before all, and 80000002
-- after B. Two tasks get 800000004 and 800000008 after A. B itself, moved after A, keeps 80000001.
create or replace function tw.place_tasks(
  space uuid, m tw.mutation, list uuid, after uuid, self uuid, amount int, most_rebalanced int
) returns tw.placement language plpgsql volatile as $$
declare
  -- The list as in the position index: its id, or the space's id for the inbox.
  list_scope constant uuid := case when list is null then space else list end;
  -- How many tasks each attempt rebalances. Each task costs a row and a Change, and 500 are usually enough.
  amounts constant int[] := array[500, 1000, most_rebalanced];
  revision_before constant bigint := m.revision;
  own text collate "C";
  previous text collate "C";
  low text collate "C";
  next text collate "C";
  rebalance_from text;
  positions text[];
begin
  for attempt in 1..4 loop
    -- By id alone (offset 0): with the conditions outside, the planner may read the list by the position index.
    select t.position into own from (select * from tw.tasks t where t.space_id = space and t.id = self offset 0) t
      where t.list_id is not distinct from list and t.deleted_at is null;
    select t.position into previous from tw.tasks t where t.space_id = space and t.id = after;
    -- The empty text sorts before every position; a comparison with null would match nothing.
    low := case when previous is null then '' else previous end;
    next := (select t.position from tw.tasks t
      where t.space_id = space and case when t.list_id is null then t.space_id else t.list_id end = list_scope and t.deleted_at is null
        and t.position > low and t.position is distinct from own
      order by t.position limit 1);
    if own > low and (next is null or own < next) then
      return row(m, array[own]);
    end if;
    positions := tw.positions_between(previous, next, amount);
    if not exists (select from unnest(positions) p where length(p) > tw.longest_position()) then
      return row(m, positions);
    end if;

    exit when attempt = 4;
    -- The first attempt rebalances the tasks after the place. Later attempts also rebalance the 500 before it, which
    -- may occupy all positions up to the next whole number.
    rebalance_from := previous;
    if attempt > 1 then
      rebalance_from := (select t.position from tw.tasks t
        where t.space_id = space and case when t.list_id is null then t.space_id else t.list_id end = list_scope and t.deleted_at is null
          and t.position < previous
        order by t.position desc offset 500 limit 1);
    end if;
    m := tw.rebalance_tasks(space, m, list, rebalance_from,
      least(amounts[attempt], most_rebalanced - (m.revision - revision_before))::int);
  end loop;
  raise exception using errcode = 'TW507', message = 'no position is free';
end $$;
