-- What was begun with the old password ends: every session and every link. The account is locked before.
create or replace function auth.set_password(u uuid, hash text) returns void
language plpgsql volatile as $$
begin
  update auth.accounts set password = hash, updated_at = now() where user_id = u and provider_id = 'credential';
  delete from auth.password_resets where user_id = u;
  delete from auth.sessions where user_id = u;
end $$;
