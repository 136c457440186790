-- Where the tasks of the space are that may match each of these words: null when they are more than `most_found`, or cannot
-- be looked up. By place and not by id, so that the statement need not look the same rows up again. As the definer, since a
-- match of text is no index condition behind a policy.
create or replace function tw.search_spots(words text[], most_found int) returns tid[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  s uuid := tw.space();
  q tsquery := (
    select string_agg(format('''%s%s'':*', tw.search_key(s), t), ' & ') from unnest(words) w, unnest(tw.search_terms(w)) t
  )::tsquery;
  spots tid[];
begin
  if q is null then
    if most_found is null then spots := array(select t.ctid from tw.tasks t where t.space_id = s); end if;
    return spots;
  end if;
  -- `is true`, so that no index by space is taken instead.
  spots := array(
    select t.ctid from tw.tasks t
    where tw.search_vector(t.space_id, t.title, t.description) @@ q and (t.space_id = s) is true limit most_found + 1);
  return case when cardinality(spots) <= most_found or most_found is null then spots end;
end $$;
