-- Changes an account's password and ends all of its sessions. `session` is the token hash of one of them; `token`, if
-- given, is that of a new one. Returns false if the session has ended, if `verified` is no longer the password's hash,
-- or if the account is disabled.
create or replace function auth.change_password(session bytea, verified text, hash text, token bytea, address text, agent text) returns boolean
language plpgsql volatile as $$
declare
  u uuid := (select user_id from auth.sessions where token_hash = session);
begin
  if not auth.lock_account(u, verified) then return false; end if;
  delete from auth.sessions where token_hash = session and expires_at > now();
  if not found then return false; end if;
  perform auth.set_password(u, hash);
  if token is not null then perform auth.add_session(u, token, address, agent); end if;
  return true;
end $$;
