-- These tasks after the last ones of their lists, in order. The end of each list is looked for once: on the way lie the
-- dead entries of all that has just left it.
create or replace function tw.positioned_last(space uuid, news tw.tasks[]) returns tw.tasks[] language plpgsql stable as $$
declare
  e record;
  new tw.tasks;
  last_position bigint;
begin
  for e in
    select x.nr, row_number() over (partition by x.list_id order by x.nr) = 1 as first
    from (select n.list_id, n.ordinality as nr from unnest(news) with ordinality n) x order by x.list_id, x.nr
  loop
    new := news[e.nr];
    last_position := case when e.first then tw.last_position(space, new.list_id) else last_position end + 1;
    new.position := tw.position_text(last_position);
    news[e.nr] := new;
  end loop;
  return news;
end $$;
