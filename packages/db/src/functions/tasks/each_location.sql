-- Returns a row for each location. Declared to return one row, so that a join with a table fetches each row by its
-- location. With a larger estimate the planner might join all rows of a space with all locations instead.
create or replace function tw.each_location(locations tid[]) returns setof tid language plpgsql immutable rows 1 as $$
begin
  return query select l.location from unnest(locations) l(location);
end $$;
