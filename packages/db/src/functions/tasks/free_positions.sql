-- Where tasks go that go back to the positions that they want: there, or where another live task of the list
-- has that, behind it. Several may want one, as those of two lists that are gone: they go one behind the
-- other, after the task that is there already. What one of them is given is not what another of them wants.
create or replace function tw.free_positions(ids uuid[], lists uuid[], wanted text[]) returns table (id uuid, place text)
language sql stable as $$
  select given.id, given.place
  from (
    select u.shelf, u.wanted, array_agg(u.id order by u.there desc, u.id) as ids,
      lead(u.wanted) over (partition by u.shelf order by u.wanted) as following,
      lead(u.wanted, 1, 'g') over (partition by u.shelf order by u.wanted) as upto
    from (
      select x.id, x.shelf, x.wanted, exists (
          select from tw.tasks t where t.space_id = tw.space() and t.id = x.id and t.position = x.wanted
            and t.list_id is not distinct from x.list and t.deleted_at is null) as there
      from (
        select y.id, y.list, case when y.list is null then tw.space() else y.list end as shelf, y.wanted collate "C" as wanted
        from unnest(ids, lists, wanted) y(id, list, wanted)
      ) x
    ) u group by u.shelf, u.wanted
  ) w
  -- The first two from there on, in the order of the index: whatever the planner believes of this space, no other will
  -- do. Up to the next that is wanted: index entries of rows that are dead are passed over once, not for each.
  cross join lateral (
    select coalesce(bool_or(f.position = w.wanted and f.id <> all (w.ids)), false) as taken,
      least(w.following, min(f.position) filter (where f.position > w.wanted)) as next
    from (
      select t.id, t.position from tw.tasks t where t.space_id = tw.space()
        and case when t.list_id is null then t.space_id else t.list_id end = w.shelf and t.deleted_at is null
        and t.position >= w.wanted and t.position <= w.upto
      order by t.position limit 2
    ) f
  ) n
  cross join lateral unnest(w.ids, case when n.taken then tw.positions_between(w.wanted, n.next, cardinality(w.ids))
    else array[w.wanted] || tw.positions_between(w.wanted, n.next, cardinality(w.ids) - 1) end) given(id, place)
$$;
