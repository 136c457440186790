-- The position of a list's last live task (null: of the inbox) as a number, without its fraction: what goes after it counts
-- on from there. Without a task it is 7fffffff, so that the first gets 80000000.
create or replace function tw.last_position(space uuid, list uuid) returns bigint language plpgsql stable as $$
declare
  -- By order and limit, not by max(): no other index has the order, so that none is taken by mistake.
  found_position constant text := (select t.position from tw.tasks t
    where t.space_id = space and t.deleted_at is null
      and case when t.list_id is null then t.space_id else t.list_id end = case when list is null then space else list end
    order by t.position desc limit 1);
begin
  return coalesce(tw.position_integer(found_position), 2147483647);
end $$;
