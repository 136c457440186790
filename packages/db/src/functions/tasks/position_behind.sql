-- The position that is the n-th behind a list's last live task.
create or replace function tw.position_behind(list uuid, n bigint) returns text language plpgsql stable as $$
declare
  shelf uuid := case when list is null then tw.space() else list end; last text collate "C";
begin
  -- By order and limit, not by max(): no other index gives the order, so that none is taken by mistake.
  select t.position into last from tw.tasks t
    where t.space_id = tw.space() and case when t.list_id is null then t.space_id else t.list_id end = shelf and t.deleted_at is null
    order by t.position desc limit 1;
  return tw.position_text(n + coalesce(tw.position_integer(last), 2147483647));
end $$;
