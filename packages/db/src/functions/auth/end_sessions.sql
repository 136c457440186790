-- Ends all sessions of the account that has this session. Returns false if the session has ended already.
create or replace function auth.end_sessions(session bytea) returns boolean
language plpgsql volatile as $$
declare
  u uuid := (select user_id from auth.sessions where token_hash = session);
begin
  perform auth.lock_account(u, null);
  delete from auth.sessions where token_hash = session and expires_at > now();
  if not found then return false; end if;
  delete from auth.sessions where user_id = u;
  return true;
end $$;
