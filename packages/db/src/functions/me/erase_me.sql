-- Erases the caller. The head first: that is the order in which mutations lock.
create or replace function tw.erase_me() returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  u uuid := tw.me();
begin
  perform from tw.user_heads h where h.user_id = u for update;
  delete from auth.users where id = u;
  return u;
end $$;
