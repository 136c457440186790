-- Returns the position of a list: after the list `after` (null: first) with `after_given`, otherwise last. `self` is
-- the list that moves, null for a new one; it keeps its position if that is already right. Returns null if no position
-- is free between the two neighbours.
create or replace function tw.place_list(space uuid, after_given boolean, after uuid, self uuid) returns text
language plpgsql stable as $$
declare
  own constant text collate "C" := (select l.position from tw.lists l where l.space_id = space and l.id = self);
  previous text collate "C";
  next text collate "C";
  middle text;
begin
  if not after_given then
    previous := (select max(l.position) from tw.lists l where l.space_id = space);
  else
    previous := (select l.position from tw.lists l where l.space_id = space and l.id = after);
    -- The empty text sorts before every position.
    next := (select min(l.position) from tw.lists l
      where l.space_id = space and l.position > coalesce(previous, '') and l.position is distinct from own);
    if own > coalesce(previous, '') and (next is null or own < next) then return own; end if;
  end if;
  middle := tw.position_between(previous, next);
  return case when length(middle) <= tw.longest_position() then middle end;
end $$;
