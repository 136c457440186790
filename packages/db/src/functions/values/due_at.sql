-- The instant of a due date with a time. A time that the clocks skip moves forward by the gap, as PostgreSQL computes
-- it. For a time that occurs twice, the result is the first instant. PostgreSQL returns the second, so this function
-- also tries the offset of the day before, and uses that if the result has the same wall-clock time.
create or replace function tw.due_at(d date, t time, zone_name text) returns timestamptz language plpgsql stable as $$
declare
  wall timestamp := d + t;
  zone text := tw.zone(zone_name);
  instant timestamptz := wall at time zone zone;
  day_before timestamptz := instant - interval '1 day';
  first timestamptz := (wall - ((day_before at time zone zone) - (day_before at time zone 'UTC'))) at time zone 'UTC';
begin
  if first at time zone zone = wall then return least(instant, first); end if;
  return instant;
end $$;
