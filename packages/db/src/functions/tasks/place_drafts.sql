-- The positions of drafts, in their order, by their `places` (see create_tasks). May rebalance `most_rebalanced` tasks.
create or replace function tw.place_drafts(space uuid, m tw.mutation, places jsonb, most_rebalanced int) returns tw.placement
language plpgsql volatile as $$
declare
  revision_before constant bigint := m.revision;
  revision_of_round bigint;
  place record;
  placed tw.placement;
  numbers bigint[];
  positions text[];
begin
  loop
    revision_of_round := m.revision;
    numbers := '{}';
    positions := '{}';
    for place in
      -- What goes last goes after the last task, and after all else that goes there.
      select p.list, p.after, array_agg(n.draft order by p.last, n.nr) as drafts
      from (
        select x."listId" as list, x.last, x.drafts,
          case when x.last then tw.last_task(space, x."listId") else x.after end as after
        from jsonb_to_recordset(places) x("listId" uuid, last boolean, after uuid, drafts bigint[])
      ) p cross join lateral unnest(p.drafts) with ordinality n(draft, nr)
      group by p.list, p.after order by min(n.draft)
    loop
      placed := tw.place_tasks(space, m, place.list, place.after, null, cardinality(place.drafts),
        (most_rebalanced - (m.revision - revision_before))::int);
      m := placed.m;
      numbers := numbers || place.drafts;
      positions := positions || placed.positions;
    end loop;
    -- What was rebalanced for one may be what another goes after.
    exit when m.revision = revision_of_round;
  end loop;
  return row(m, array(select x.position from unnest(numbers, positions) x(draft, position) order by x.draft));
end $$;
