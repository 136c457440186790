create or replace function tw.place_list(placed boolean, after uuid, self uuid) returns text language plpgsql stable as $$
#variable_conflict use_variable
declare
  previous text collate "C"; next text collate "C"; own text collate "C"; low text collate "C"; place text;
begin
  select l.position into own from tw.lists l where l.space_id = tw.space() and l.id = self;
  if not placed then
    select max(l.position) into previous from tw.lists l where l.space_id = tw.space();
  else
    if after is not null then
      select l.position into previous from tw.lists l
        where l.space_id = tw.space() and l.id = after and l.id is distinct from self;
      if not found then raise exception using errcode = 'TW404', message = 'after'; end if;
    end if;
    low := coalesce(previous, '');
    select min(l.position) into next from tw.lists l
      where l.space_id = tw.space() and l.position > low and l.position is distinct from own;
    if own > low and (next is null or own < next) then return own; end if;
  end if;
  place := tw.position_between(previous, next);
  if length(place) > 64 then raise exception using errcode = 'TW507', message = 'no room'; end if;
  return place;
end $$;
