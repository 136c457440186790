-- Deletes records past their retention, and expired sessions: at most `most_of_each` rows of each kind in a call. Returns
-- how many; 0 means that nothing is left to delete.
create or replace function tw.sweep(change_days int, most_of_each int) returns int
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  n int; dropped int := 0;
begin
  most_of_each := least(most_of_each, 10000);
  delete from tw.mutations where ctid = any (array(
    select ctid from tw.mutations where at < now() - interval '30 days' order by at limit most_of_each for update skip locked));
  get diagnostics n = row_count; dropped := dropped + n;
  update tw.mutations set reply = null where ctid = any (array(
    select ctid from tw.mutations where at < now() - interval '24 hours' and reply is not null
    order by at limit most_of_each for update skip locked));
  get diagnostics n = row_count; dropped := dropped + n;
  delete from tw.changes where ctid = any (array(
    select ctid from tw.changes where at < now() - make_interval(days => greatest(change_days, 30))
    order by at limit most_of_each for update skip locked));
  get diagnostics n = row_count; dropped := dropped + n;
  delete from auth.sessions where id = any (array(
    select id from auth.sessions where expires_at < now() order by expires_at limit most_of_each for update skip locked));
  get diagnostics n = row_count; dropped := dropped + n;
  return dropped;
end $$;
