-- Returns the positions of drafts, in their order, for `places` (see tw.create_tasks()). Rebalances at most
-- `most_rebalanced` tasks.
create or replace function tw.place_drafts(space uuid, m tw.mutation, places jsonb, most_rebalanced int) returns tw.placement
language plpgsql volatile as $$
declare
  revision_before constant bigint := m.revision;
  revision_of_round bigint;
  place record;
  placement tw.placement;
  numbers bigint[];
  positions text[];
begin
  loop
    revision_of_round := m.revision;
    numbers := '{}';
    positions := '{}';
    for place in
      -- Drafts for the end of a list go after its last task. Drafts that name that task as `after` come before them.
      select p.list, p.after, array_agg(n.draft order by p.last, n.nr) as drafts
      from (
        select x."listId" as list, x.last, x.drafts,
          case when x.last then tw.last_task(space, x."listId") else x.after end as after
        from jsonb_to_recordset(places) x("listId" uuid, last boolean, after uuid, drafts bigint[])
      ) p cross join lateral unnest(p.drafts) with ordinality n(draft, nr)
      group by p.list, p.after order by min(n.draft)
    loop
      placement := tw.place_tasks(space, m, place.list, place.after, null, cardinality(place.drafts),
        (most_rebalanced - (m.revision - revision_before))::int);
      m := placement.m;
      numbers := numbers || place.drafts;
      positions := positions || placement.positions;
    end loop;
    -- A rebalance for one place may move the neighbours of another: then all positions are computed again.
    exit when m.revision = revision_of_round;
  end loop;
  return row(m, array(select x.position from unnest(numbers, positions) x(draft, position) order by x.draft));
end $$;
