-- Changes the password of a live session's account if `verified` is still its hash; else returns false. Ends all sessions
-- of the account. `token`, if given, is the token hash of a new session.
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
