-- Spreads the first `amount` tasks of a list behind the position `low` (null: the list's first) evenly over the room up to
-- the next task, as a commit of the system. Does nothing where there is too little room for that.
create or replace function tw.rebalance_tasks(space uuid, m tw.mutation, list uuid, low text, amount int)
returns tw.mutation language plpgsql volatile as $$
declare
  shelf constant uuid := case when list is null then space else list end;
  above constant text collate "C" := case when low is null then '' else low end;
  spots tid[];
  ids uuid[];
  olds text[];
  news text[];
begin
  if amount < 1 then return m; end if;
  select array_agg(x.ctid order by x.position), array_agg(x.id order by x.position), array_agg(x.position order by x.position)
    into spots, ids, olds
  from (
    select t.ctid, t.id, t.position from tw.tasks t
    where t.space_id = space and case when t.list_id is null then t.space_id else t.list_id end = shelf and t.deleted_at is null
      and t.position > above
    order by t.position limit amount + 1
  ) x;
  news := tw.positions_between(nullif(low, ''), olds[amount + 1], 2 * least(cardinality(olds), amount) + 1);
  -- What is placed next takes up to four digits more.
  if exists (select from unnest(news) p where length(p) > 60) then return m; end if;
  olds := olds[:amount];
  -- Of 2n + 1 positions at least n + 1 are used by none of n tasks: no task takes the place of another on the way, and
  -- the first is left free.
  news := array(select p from unnest(news) p where p not in (select o from unnest(olds) o)
    order by p collate "C" offset 1 limit cardinality(olds));
  -- By its place on disk each row is found again at once.
  update tw.tasks t set position = n.position, revision = m.revision + n.nr, updated_at = m.at
    from unnest(spots[:amount], news) with ordinality n(spot, position, nr)
    where t.space_id = space and t.ctid = n.spot;
  return tw.log_changes(space, m, array(
    select row('move', 'task', x.id, jsonb_build_object('position', x.old), jsonb_build_object('position', x.new))::tw.change
    from unnest(ids[:amount], olds, news) with ordinality x(id, old, new, nr) order by x.nr
  ), by_system => true);
end $$;
