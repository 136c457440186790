-- Extends a session to seven days from now if it has less than six days left and has not ended.
create or replace function auth.extend_session(token bytea) returns void
language plpgsql volatile as $$
begin
  update auth.sessions set expires_at = now() + interval '7 days', updated_at = now()
  where token_hash = token and expires_at > now() and expires_at < now() + interval '6 days';
end $$;
