-- Where tasks and lists go that go back to the positions that they want: there, or where another one has that, after it.
-- A shelf is where positions are compared: a list's id, the space's for the inbox, null for the lists themselves. Several
-- may want one position, as tasks of two lists that are gone: they go one after the other, as they are given, after what
-- is there already. What one of them gets is not what another of them wants.
--
-- In the inbox X is at 80000000 and Y at 80000001. A and B want 80000000, C wants 80000005: A gets 800000004, B gets
-- 800000008, C what it wants. If X itself is given and wants 80000000, it keeps that, and is before A and B.
create or replace function tw.free_positions(space uuid, ids uuid[], shelves uuid[], wanted text[])
returns table (id uuid, "position" text) language sql stable set enable_sort = off as $$
  select given.id, given.position
  from (
    select u.shelf, u.wanted, array_agg(u.id order by u.nr) as ids,
      lead(u.wanted) over (partition by u.shelf order by u.wanted) as following,
      -- 'g' is after any position.
      lead(u.wanted, 1, 'g') over (partition by u.shelf order by u.wanted) as upto
    from (
      select x.id, x.shelf, x.wanted collate "C" as wanted, x.nr
      from unnest(ids, shelves, wanted) with ordinality x(id, shelf, wanted, nr)
    ) u group by u.shelf, u.wanted
  ) w
  -- The first two from there on, in the order of the index: without sorting, no other will do, whatever the planner
  -- expects. Up to the next that is wanted: index entries of rows that are dead are passed over once, not for each.
  cross join lateral (
    select (array_agg(f.id) filter (where f.position = w.wanted))[1] as holder,
      least(w.following, min(f.position) filter (where f.position > w.wanted)) as next
    from (
      (select t.id, t.position from tw.tasks t where t.space_id = space
        and case when t.list_id is null then t.space_id else t.list_id end = w.shelf and t.deleted_at is null
        and t.position >= w.wanted and t.position <= w.upto
      order by t.position limit 2)
      union all
      (select l.id, l.position from tw.lists l where w.shelf is null and l.space_id = space
        and l.position >= w.wanted and l.position <= w.upto
      order by l.position limit 2)
    ) f
  ) n
  -- What stands there already and goes back to it is the first.
  cross join lateral (
    select case when n.holder = any (w.ids) then n.holder || array_remove(w.ids, n.holder) else w.ids end as ids,
      case when n.holder <> all (w.ids) then tw.positions_between(w.wanted, n.next, cardinality(w.ids))
        else array[w.wanted] || tw.positions_between(w.wanted, n.next, cardinality(w.ids) - 1) end as positions
  ) p
  cross join lateral unnest(p.ids, p.positions) given(id, position)
$$;
