-- Erases the caller's account. Locks its space first, in the same order as mutations.
create or replace function tw.erase_me() returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  u uuid := tw.account();
begin
  perform from tw.spaces s where s.id = u for update;
  delete from auth.users where id = u;
  return u;
end $$;
