-- Creates an account and its first session. Returns no row if an account has the e-mail address already.
create or replace function auth.sign_up(u uuid, name text, email text, hash text, zone text, token bytea, address text, agent text)
returns setof auth.users
language plpgsql volatile rows 1 as $$
-- In ON CONFLICT, `email` is the column, not the argument.
#variable_conflict use_column
declare
  created auth.users;
begin
  insert into auth.users (id, name, email, time_zone) values (u, sign_up.name, sign_up.email, coalesce(zone, 'UTC'))
    on conflict (email) where external_id is null do nothing returning * into created;
  if created.id is null then return; end if;
  insert into auth.accounts (user_id, provider_id, account_id, password) values (u, 'credential', u::text, hash);
  perform auth.add_session(u, token, address, agent);
  return next created;
end $$;
