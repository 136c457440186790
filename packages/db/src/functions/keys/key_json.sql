create or replace function tw.key_json(k tw.api_keys) returns json language sql stable as $$
  select json_build_object(
  'id', k.id, 'name', k.name, 'scopes', k.scopes, 'spaceId', k.space_id, 'createdAt', tw.iso(k.created_at),
  'expiresAt', tw.iso(k.expires_at))
$$;
