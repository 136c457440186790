-- What wanted positions of before the service rebalanced are today: one that lay between two neighbours is to lie between
-- the same two. `wanted` are positions on `shelves`, one for each. The neighbours are what `moved` has on that shelf (see
-- tw.rebalanced_since()), but for `own`, which leave their places.
--
-- A was moved from 80000001 to 80000004, B from 80000002 to 80000008. 80000000, which lay before A, and 80000009, which
-- lies after both then as now, stay what they are. 800000018 lay between them, where A does not leave it today: it becomes
-- A's, 80000004, after which tw.free_positions() finds the next that is free.
create or replace function tw.positions_now(moved jsonb, own uuid[], shelves uuid[], wanted text[]) returns text[]
language sql immutable as $$
  with neighbours as (
    select (moved->x.id->>'shelf')::uuid as shelf, (moved->x.id->>'old') collate "C" as old, (moved->x.id->>'now') collate "C" as now
    from (select jsonb_object_keys(moved) except select unnest(own)::text) x(id)
  ), in_order as (
    -- By where they were: each neighbour, with where it is now and where the next one is, and each that is wanted (`nr`).
    select n.shelf, n.old as at, n.now, lead(n.now) over (partition by n.shelf order by n.old) as next_now, null::bigint as nr
    from neighbours n
    union all
    select w.shelf, w.wanted, null, null, w.nr from unnest(shelves, wanted) with ordinality w(shelf, wanted, nr)
  ), counted as (
    -- How many neighbours are at it or before it: the same number for one, and for all that is wanted after it.
    select o.*, count(o.now) over (partition by o.shelf order by o.at, o.nr nulls first) as before_it from in_order o
  ), found as (
    select c.*, first_value(c.now) over same as low, first_value(c.next_now) over same as high
    from counted c window same as (partition by c.shelf, c.before_it order by c.at, c.nr nulls first)
  )
  select array_agg(
    -- Without a neighbour before it, or between the same two still, it is what it was.
    case when f.low is null or (f.low <= f.at and (f.high is null or f.high > f.at)) then f.at
      else f.low end order by f.nr)
  from found f where f.nr is not null
$$;
