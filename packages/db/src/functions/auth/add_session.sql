create or replace function auth.add_session(u uuid, token bytea, address text, agent text) returns void
language plpgsql volatile as $$
begin
  insert into auth.sessions (user_id, token_hash, expires_at, ip_address, user_agent)
  values (u, token, now() + interval '7 days', address, agent);
end $$;
