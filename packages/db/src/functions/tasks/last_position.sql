-- The position of the last live task of a list (null: the inbox), as a number without its fraction. New tasks at the
-- end get the numbers after it. For an empty list it is 7fffffff, so that the first task gets 80000000.
create or replace function tw.last_position(space uuid, list uuid) returns bigint language plpgsql stable as $$
declare
  -- With `order by` and `limit` the planner takes the position index; with max() it may take another.
  highest constant text := (select t.position from tw.tasks t
    where t.space_id = space and t.deleted_at is null
      and case when t.list_id is null then t.space_id else t.list_id end = case when list is null then space else list end
    order by t.position desc limit 1);
begin
  return coalesce(tw.position_integer(highest), 2147483647);
end $$;
