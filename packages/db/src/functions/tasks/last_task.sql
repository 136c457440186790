-- The last live task of a list (null: the inbox), not counting `self`; null if there is none.
create or replace function tw.last_task(space uuid, list uuid, self uuid default null) returns uuid language plpgsql stable as $$
begin
  -- With `order by` and `limit` the planner takes the position index; with max() it may take another.
  return (select t.id from tw.tasks t
    where t.space_id = space and t.deleted_at is null
      and case when t.list_id is null then t.space_id else t.list_id end = case when list is null then space else list end
      and t.id is distinct from self
    order by t.position desc limit 1);
end $$;
