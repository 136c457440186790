-- Where n tasks go in a list, one after the other: last, or with `placed` after `after` (null: first).
-- `self` stays where it is when that is right already. TW404: `after` is not a live task there; TW507:
-- no room left, spread first.
create or replace function tw.place_tasks(list uuid, placed boolean, after uuid, self uuid, n int) returns text[] language plpgsql stable as $$
#variable_conflict use_variable
declare
  shelf uuid := case when list is null then tw.space() else list end; places text[];
  previous text collate "C"; next text collate "C"; own text collate "C"; low text collate "C";
begin
  -- By id alone, here and below: with more beside it the index of positions may be taken, and the whole list be read.
  select t.position into own from (select * from tw.tasks t where t.space_id = tw.space() and t.id = self offset 0) t
    where t.list_id is not distinct from list and t.deleted_at is null;
  if not placed then
    select t.position into previous from tw.tasks t
      where t.space_id = tw.space() and case when t.list_id is null then t.space_id else t.list_id end = shelf and t.deleted_at is null
      order by t.position desc limit 1;
    if previous = own then return array[own]; end if;
  else
    if after is not null then
      select t.position into previous from (select * from tw.tasks t where t.space_id = tw.space() and t.id = after offset 0) t
        where t.id is distinct from self and t.list_id is not distinct from list and t.deleted_at is null;
      if not found then raise exception using errcode = 'TW404', message = 'after'; end if;
    end if;
    low := coalesce(previous, '');
    select t.position into next from tw.tasks t
      where t.space_id = tw.space() and case when t.list_id is null then t.space_id else t.list_id end = shelf and t.deleted_at is null
        and t.position > low and t.position is distinct from own
      order by t.position limit 1;
    if own > low and (next is null or own < next) then return array[own]; end if;
  end if;
  places := tw.positions_between(previous, next, n);
  if (select max(length(place)) from unnest(places) place) > 64 then
    raise exception using errcode = 'TW507', message = 'no room';
  end if;
  return places;
end $$;
