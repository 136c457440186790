-- Sets the password by a reset link, which works once. Returns false if the link is unknown, used, replaced or expired,
-- or if the account is disabled.
create or replace function auth.reset_password(link bytea, hash text) returns boolean
language plpgsql volatile as $$
declare
  u uuid := (select user_id from auth.password_resets where token_hash = link);
begin
  if not auth.lock_account(u, null) then return false; end if;
  delete from auth.password_resets where token_hash = link and expires_at > now();
  if not found then return false; end if;
  perform auth.set_password(u, hash);
  return true;
end $$;
