-- Where `amount` tasks go in a list, one after the other: after the task `after`, which is a live one of the list, or
-- (null) first. `self` is a task that is moved there; it stays where it is when that is right already. Where the
-- positions between the two neighbours are used up, tasks around them are rebalanced first, `most_rebalanced` at most.
-- Raises TW507 where that does not do.
--
-- In a list of A at 80000000 and B at 80000001, one task gets 800000008 after A, 7fffffff first, and 80000002 after B;
-- two tasks get 800000004 and 800000008 after A; and B itself, moved after A, keeps 80000001.
create or replace function tw.place_tasks(
  space uuid, m tw.mutation, list uuid, after uuid, self uuid, amount int, most_rebalanced int
) returns tw.placement language plpgsql volatile as $$
declare
  -- The list as the index of positions has it: its id, and for the inbox the space's.
  shelf constant uuid := case when list is null then space else list end;
  -- How many tasks each attempt rebalances: each is a row and a Change, and mostly the first 500 do.
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
    -- By id alone, here and below: with more beside it the index of positions may be taken, and the whole list be read.
    select t.position into own from (select * from tw.tasks t where t.space_id = space and t.id = self offset 0) t
      where t.list_id is not distinct from list and t.deleted_at is null;
    select t.position into previous from tw.tasks t where t.space_id = space and t.id = after;
    -- Less than any position: comparing with null would find nothing.
    low := case when previous is null then '' else previous end;
    next := (select t.position from tw.tasks t
      where t.space_id = space and case when t.list_id is null then t.space_id else t.list_id end = shelf and t.deleted_at is null
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
    -- Those after the place; then also the 500 before it, which may have used up what is left up to a whole number.
    rebalance_from := previous;
    if attempt > 1 then
      rebalance_from := (select t.position from tw.tasks t
        where t.space_id = space and case when t.list_id is null then t.space_id else t.list_id end = shelf and t.deleted_at is null
          and t.position < previous
        order by t.position desc offset 500 limit 1);
    end if;
    m := tw.rebalance_tasks(space, m, list, rebalance_from,
      least(amounts[attempt], most_rebalanced - (m.revision - revision_before))::int);
  end loop;
  raise exception using errcode = 'TW507', message = 'no room';
end $$;
