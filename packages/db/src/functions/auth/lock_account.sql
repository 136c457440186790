-- The functions of this folder run as taskwire_auth. Hashing a password takes time, in which the account may change. So
-- each function that acts on a verified password checks again that `verified` is still the account's hash, and that the
-- session or link is still valid.

-- Locks the account's row in a statement of its own, so that the statements after it see what was committed during the
-- wait. Returns false if there is no such account, if it is disabled, or if `verified` is given and is no longer the
-- password's hash. Locks the user's row first, in the same order as erasing an account. A function that ends several
-- sessions of an account calls this first.
create or replace function auth.lock_account(u uuid, verified text) returns boolean
language plpgsql volatile as $$
begin
  perform from auth.users where id = u and disabled_at is null for key share;
  if not found then return false; end if;
  perform from auth.accounts
    where user_id = u and provider_id = 'credential' and (verified is null or password = verified) for no key update;
  return found;
end $$;
