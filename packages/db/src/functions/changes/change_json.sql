create or replace function tw.change_json(c tw.changes) returns json language sql stable as $$
  select json_build_object(
  'revision', c.revision, 'commit', c.commit, 'at', tw.iso(c.at), 'mutationId', c.mutation_id, 'requestId', c.request_id,
  'actor', json_build_object('kind', c.actor_kind, 'userId', c.actor_user_id, 'keyId', c.actor_key_id),
  'action', c.action, 'entity', c.entity, 'entityId', c.entity_id, 'before', c.before, 'after', c.after,
  'redacted', c.redacted)
$$;
