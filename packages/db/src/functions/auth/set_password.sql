-- Sets the password, and deletes every session and reset link of the account. The caller has locked the account.
create or replace function auth.set_password(u uuid, hash text) returns void
language plpgsql volatile as $$
begin
  update auth.accounts set password = hash, updated_at = now() where user_id = u and provider_id = 'credential';
  delete from auth.password_resets where user_id = u;
  delete from auth.sessions where user_id = u;
end $$;
