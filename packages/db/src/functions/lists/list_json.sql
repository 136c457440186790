create or replace function tw.list_json(l tw.lists) returns json language sql stable as $$
  select json_build_object(
  'id', l.id, 'name', l.name, 'position', l.position, 'revision', l.revision,
  'createdAt', tw.iso(l.created_at), 'updatedAt', tw.iso(l.updated_at))
$$;
