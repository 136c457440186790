-- Returns positions for the tasks and lists `ids` that return to earlier ones. Each row gets the position that it
-- requests (`wanted`), or, if another row holds that, a position after the holder. Positions are compared within the
-- row's list scope (`shelves`): a list's id, the space's id for the inbox, null for the lists themselves. Several rows
-- may request one position, such as tasks of two deleted lists: they follow each other in the order given, after the
-- holder. No result equals a position that another row requests.
--
-- Example: in the inbox X is at 80000000 and Y at 80000001. A and B request 80000000, C requests 80000005. A gets
-- 800000004, B gets 800000008, and C gets 80000005. If X itself requests 80000000, it keeps that, before A and B.
create or replace function tw.free_positions(space uuid, ids uuid[], shelves uuid[], wanted text[])
returns table (id uuid, "position" text) language sql stable set enable_sort = off as $$
  select given.id, given.position
  from (
    select u.list_scope, u.requested, array_agg(u.id order by u.nr) as ids,
      lead(u.requested) over (partition by u.list_scope order by u.requested) as following,
      -- 'g' sorts after every position.
      lead(u.requested, 1, 'g') over (partition by u.list_scope order by u.requested) as up_to
    from (
      select x.id, x.list_scope, x.requested collate "C" as requested, x.nr
      from unnest(ids, shelves, wanted) with ordinality x(id, list_scope, requested, nr)
    ) u group by u.list_scope, u.requested
  ) r
  -- The first two rows from the requested position on, by the position index: with sorting disabled the planner has no
  -- other choice. Each scan stops at the next requested position, so that no dead index entry is read by two scans.
  cross join lateral (
    select (array_agg(f.id) filter (where f.position = r.requested))[1] as holder,
      least(r.following, min(f.position) filter (where f.position > r.requested)) as next
    from (
      (select t.id, t.position from tw.tasks t where t.space_id = space
        and case when t.list_id is null then t.space_id else t.list_id end = r.list_scope and t.deleted_at is null
        and t.position >= r.requested and t.position <= r.up_to
      order by t.position limit 2)
      union all
      (select l.id, l.position from tw.lists l where r.list_scope is null and l.space_id = space
        and l.position >= r.requested and l.position <= r.up_to
      order by l.position limit 2)
    ) f
  ) n
  -- A row that already holds the position it requests comes first.
  cross join lateral (
    select case when n.holder = any (r.ids) then n.holder || array_remove(r.ids, n.holder) else r.ids end as ids,
      case when n.holder <> all (r.ids) then tw.positions_between(r.requested, n.next, cardinality(r.ids))
        else array[r.requested] || tw.positions_between(r.requested, n.next, cardinality(r.ids) - 1) end as positions
  ) p
  cross join lateral unnest(p.ids, p.positions) given(id, position)
$$;
