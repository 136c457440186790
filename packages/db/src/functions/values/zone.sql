-- A zone of the IANA database as PostgreSQL finds it: these names it takes for abbreviations, which
-- have no summer time and no history. The others are what IANA's database has them mean.
create or replace function tw.zone(name text) returns text language sql immutable parallel safe as $$
  select case upper(name) when 'CET' then 'Europe/Brussels' when 'MET' then 'Europe/Brussels'
  when 'EET' then 'Europe/Athens' when 'WET' then 'Europe/Lisbon' when 'EST' then 'America/Panama'
  when 'MST' then 'America/Phoenix' when 'HST' then 'Pacific/Honolulu' else name end
$$;
