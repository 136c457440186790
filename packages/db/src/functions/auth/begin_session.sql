-- Creates a session if `verified` is still the account's password hash; else returns false. `renewed`, if given, replaces
-- the hash.
create or replace function auth.begin_session(u uuid, verified text, renewed text, token bytea, address text, agent text) returns boolean
language plpgsql volatile as $$
begin
  if not auth.lock_account(u, verified) then return false; end if;
  if renewed is not null then
    update auth.accounts set password = renewed, updated_at = now() where user_id = u and provider_id = 'credential';
  end if;
  perform auth.add_session(u, token, address, agent);
  return true;
end $$;
