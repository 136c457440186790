-- A row for each location. The planner expects a single one, so that a join with a table fetches each row by its location,
-- and never compares all rows of a space with all of these, as it may where it expects few in the space.
create or replace function tw.each_location(locations tid[]) returns setof tid language plpgsql immutable rows 1 as $$
begin
  return query select l.location from unnest(locations) l(location);
end $$;
