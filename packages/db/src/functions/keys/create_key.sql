-- keys.create: creates an API key of the account. With `bound` the key may act in that space alone. The reply is not
-- stored, since the service adds the secret to it.
create or replace function tw.create_key(
  space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text,
  key uuid, key_name text, key_scopes text[], bound uuid, hash bytea, expires timestamptz
) returns tw.answer language plpgsql volatile as $$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'session', mutation, payload, request);
  new tw.api_keys;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  -- An account has one space, its personal one.
  if bound <> space then return tw.answered(m, 'no_space'); end if;
  insert into tw.api_keys as k (user_id, id, space_id, name, scopes, secret_hash, created_at, expires_at)
    values (m.user_id, key, bound, key_name, key_scopes, hash, m.at, expires)
    returning k.* into new;
  return tw.finish_mutation(space, m, array[row('create', 'key', key, null, tw.key_json(new))::tw.change],
    tw.key_json(new), keep_reply => false);
end $$;
