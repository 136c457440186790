-- The accounts after an id, for a service key with the scope `users`. For such a call tw.authenticate() has set
-- tw.account() to the id of the key.
create or replace function tw.users_page(after_id uuid, most int)
returns table (id uuid, email text, name text, time_zone text, external_id text, is_disabled boolean, created_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select u.id, u.email, u.name, u.time_zone, u.external_id, u.disabled_at is not null, u.created_at
  from auth.users u
  where u.id > after_id and exists (select from tw.service_keys k where k.id = tw.account() and 'users' = any (k.scopes))
  order by u.id
  limit most
$$;
