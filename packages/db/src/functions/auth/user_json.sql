create or replace function auth.user_json(u auth.users) returns json language sql stable as $$
  select json_build_object(
  'name', u.name, 'email', u.email, 'emailVerified', u.email_verified, 'image', u.image,
  'createdAt', to_char(u.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  'updatedAt', to_char(u.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'id', u.id)
$$;
