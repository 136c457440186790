-- users.update: changes the account that a service key names, even if it is disabled; null leaves a field unchanged.
create or replace function tw.update_user(
  space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text,
  new_name text, new_email text, new_zone text, is_disabled boolean
) returns tw.answer language plpgsql volatile as $$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'users', mutation, payload, request);
  old json;
  new json;
  differences jsonb;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  old := tw.user_json();
  update auth.users u set name = coalesce(new_name, u.name), email = coalesce(new_email, u.email),
      time_zone = coalesce(new_zone, u.time_zone), updated_at = m.at,
      disabled_at = case when is_disabled then coalesce(u.disabled_at, m.at) when is_disabled is null then u.disabled_at end
    where u.id = tw.account() and (u.name <> new_name or u.email <> new_email or u.time_zone <> new_zone
      or (u.email is null and new_email is not null) or (u.disabled_at is not null) <> is_disabled);
  if not found then return tw.finish_mutation(m.space_id, m, '{}', old); end if;
  new := tw.user_json();
  -- The log has no e-mail addresses.
  differences := tw.differences(old, new) #- '{before,email}' #- '{after,email}';
  return tw.finish_mutation(m.space_id, m,
    array[row('update', 'account', m.user_id, differences->'before', differences->'after')::tw.change], new);
end $$;
