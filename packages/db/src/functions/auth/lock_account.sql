-- Signing in, as taskwire_auth. Between checking a password and acting on it lies the time that a hash takes, so each
-- function that acts checks again: that `verified` is still the account's hash, that the session or link is still live.

-- Locks the account's row, in a statement of its own: the statements after it see what was committed while it waited.
-- False where there is no such account, or another hash than `verified`, if that is given. The user's row is locked
-- first, as erasing an account does; what ends several sessions of an account calls this first.
create or replace function auth.lock_account(u uuid, verified text) returns boolean
language plpgsql volatile as $$
begin
  perform from auth.users where id = u for key share;
  perform from auth.accounts
    where user_id = u and provider_id = 'credential' and (verified is null or password = verified) for no key update;
  return found;
end $$;
