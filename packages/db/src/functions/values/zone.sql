-- The name by which PostgreSQL knows an IANA time zone. PostgreSQL reads the names below as abbreviations, without summer
-- time or history. Each is replaced by the zone that the IANA database links it to.
create or replace function tw.zone(name text) returns text language sql immutable parallel safe as $$
  select case upper(name) when 'CET' then 'Europe/Brussels' when 'MET' then 'Europe/Brussels'
  when 'EET' then 'Europe/Athens' when 'WET' then 'Europe/Lisbon' when 'EST' then 'America/Panama'
  when 'MST' then 'America/Phoenix' when 'HST' then 'Pacific/Honolulu' else name end
$$;
