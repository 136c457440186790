-- The instant of a due date with a time. Where the clocks skip the time forward, it is later by the length of the gap, as
-- PostgreSQL computes it. Where the time occurs twice, it is the first of the two: PostgreSQL returns the second, so this
-- function also tries the offset of the day before, and takes it where it gives the same wall-clock time.
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
