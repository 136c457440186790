-- me.update: changes the account's name, its time zone or both; null leaves a field unchanged.
create or replace function tw.update_me(
  space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, new_name text, new_zone text
) returns tw.answer language plpgsql volatile as $$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'account', mutation, payload, request);
  old json;
  new json;
  differences jsonb;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  old := tw.account_json();
  update auth.users u set name = coalesce(new_name, u.name), time_zone = coalesce(new_zone, u.time_zone), updated_at = m.at
    where u.id = tw.account() and (u.name <> new_name or u.time_zone <> new_zone);
  if not found then return tw.finish_mutation(m.space_id, m, '{}', old); end if;
  new := tw.account_json();
  differences := tw.differences(old, new);
  return tw.finish_mutation(m.space_id, m,
    array[row('update', 'account', m.user_id, differences->'before', differences->'after')::tw.change], new);
end $$;
