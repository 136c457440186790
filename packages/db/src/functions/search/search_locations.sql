-- Returns the locations (ctid) of the space's tasks that may match all of these words; null if there are more than
-- `most_found`, or if the words have no term to look up. If `most_found` is null there is no limit, and for words
-- without a term it returns all tasks. Locations and not ids, so that the calling statement need not look up the rows
-- again. Runs as taskwire_definer, since under row-level security a text match is not an index condition.
create or replace function tw.search_locations(words text[], most_found int) returns tid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  s uuid := tw.space();
  q tsquery := (
    select string_agg(format('''%s%s'':*', tw.search_key(s), t), ' & ') from unnest(words) w, unnest(tw.search_terms(w)) t
  )::tsquery;
  locations tid[];
begin
  if q is null then
    if most_found is null then locations := array(select t.ctid from tw.tasks t where t.space_id = s); end if;
    return locations;
  end if;
  -- `is true` keeps the planner from taking an index by space.
  locations := array(
    select t.ctid from tw.tasks t
    where tw.search_vector(t.space_id, t.title, t.description) @@ q and (t.space_id = s) is true limit most_found + 1);
  return case when cardinality(locations) <= most_found or most_found is null then locations end;
end $$;
