-- The caller's account as JSON, as a service that manages accounts sees it.
create or replace function tw.user_json() returns json language sql stable as $$
  select json_build_object(
    'id', u.id, 'email', u.email, 'name', u.name, 'timeZone', u.time_zone, 'externalId', u.external_id, 'createdAt', tw.iso(u.created_at),
    'disabled', u.disabled_at is not null)
  from auth.users u where u.id = tw.account()
$$;
