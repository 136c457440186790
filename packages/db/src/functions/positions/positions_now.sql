-- Translates positions from before rebalances into current ones: a position that lay between two neighbours is to lie
-- between the same two. `wanted` are the positions, `shelves` the list scope of each. Neighbours are the rows of
-- `moved` (see tw.rebalanced_since()) in that scope, except the rows `own`, which leave their positions.
--
-- Example: A was moved from 80000001 to 80000004, B from 80000002 to 80000008. 80000000, which lay before A, stays, and
-- so does 80000009, which lay after both and still does. 800000018 lay between them but is now before A: it becomes A's
-- position, 80000004, and tw.free_positions() then finds the next free one.
create or replace function tw.positions_now(moved jsonb, own uuid[], shelves uuid[], wanted text[]) returns text[]
language sql immutable as $$
  with neighbours as (
    select (moved->x.id->>'list_scope')::uuid as list_scope, (moved->x.id->>'old') collate "C" as old, (moved->x.id->>'now') collate "C" as now
    from (select jsonb_object_keys(moved) except select unnest(own)::text) x(id)
  ), in_order as (
    -- In the order before the rebalances: the neighbours, each with its current position and the next neighbour's, and
    -- the requested positions, each with its number (`nr`).
    select n.list_scope, n.old as at, n.now, lead(n.now) over (partition by n.list_scope order by n.old) as next_now, null::bigint as nr
    from neighbours n
    union all
    select r.list_scope, r.requested, null, null, r.nr
    from unnest(shelves, wanted) with ordinality r(list_scope, requested, nr)
  ), counted as (
    -- The number of neighbours at or before each position: a neighbour and the requested positions after it, up to the
    -- next neighbour, have the same `before_it`.
    select o.*, count(o.now) over (partition by o.list_scope order by o.at, o.nr nulls first) as before_it from in_order o
  ), found as (
    select c.*, first_value(c.now) over same as low, first_value(c.next_now) over same as high
    from counted c window same as (partition by c.list_scope, c.before_it order by c.at, c.nr nulls first)
  )
  select array_agg(
    -- Unchanged if no neighbour lies before it, or if it still lies between the same two.
    case when f.low is null or (f.low <= f.at and (f.high is null or f.high > f.at)) then f.at
      else f.low end order by f.nr)
  from found f where f.nr is not null
$$;
