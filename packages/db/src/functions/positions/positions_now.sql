-- Where positions of before the service rebalanced lie now: each between the two that it was between, of those that
-- `moved` has on its shelf (see tw.rebalanced_since()), `own` aside, which leave their places.
create or replace function tw.positions_now(moved jsonb, own uuid[], shelves uuid[], wanted text[]) returns text[]
language sql immutable as $$
  with stays as (
    select (moved->x.id->>'shelf')::uuid as shelf, (moved->x.id->>'old') collate "C" as old, (moved->x.id->>'now') collate "C" as now
    from (select jsonb_object_keys(moved) except select unnest(own)::text) x(id)
  ), marks as (
    select s.shelf, s.old as at, s.now, lead(s.now) over (partition by s.shelf order by s.old) as above, null::bigint as nr from stays s
    union all
    select w.shelf, w.wanted, null, null, w.nr from unnest(shelves, wanted) with ordinality w(shelf, wanted, nr)
  ), counted as (
    -- How many stay at it or before it: that is one number for all that lie behind the same one.
    select k.*, count(k.now) over (partition by k.shelf order by k.at, k.nr nulls first) as below_nr from marks k
  ), found as (
    select c.*, first_value(c.now) over behind as below, first_value(c.above) over behind as upto
    from counted c window behind as (partition by c.shelf, c.below_nr order by c.at, c.nr nulls first)
  )
  select array_agg(
    case when f.below is null or (f.below <= f.at and (f.upto is null or f.upto > f.at)) then f.at
      -- That place is taken: what goes there goes behind.
      else f.below end order by f.nr)
  from found f where f.nr is not null
$$;
