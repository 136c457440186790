-- The instant of a due date with a time; an all-day date is none. PostgreSQL moves a time that the
-- clocks skip forward by the gap, and takes the second of a repeated one: the first is the one by
-- the offset of the day before, where that reads back as the same wall-clock time.
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
