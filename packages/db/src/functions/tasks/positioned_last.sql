-- Returns the tasks `news` with positions at the end of their lists, in order. The end of each list is looked up only
-- once, since that look-up reads past the dead index entries of tasks that have just left the list.
create or replace function tw.positioned_last(space uuid, news tw.tasks[]) returns tw.tasks[] language plpgsql stable as $$
declare
  entry record;
  new tw.tasks;
  last_position bigint;
begin
  for entry in
    select x.nr, row_number() over (partition by x.list_id order by x.nr) = 1 as first
    from (select n.list_id, n.ordinality as nr from unnest(news) with ordinality n) x order by x.list_id, x.nr
  loop
    new := news[entry.nr];
    last_position := case when entry.first then tw.last_position(space, new.list_id) else last_position end + 1;
    new.position := tw.position_text(last_position);
    news[entry.nr] := new;
  end loop;
  return news;
end $$;
