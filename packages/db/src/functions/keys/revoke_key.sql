-- keys.revoke: revokes a key of the account. This takes effect from the next call on (see tw.begin_mutation()).
create or replace function tw.revoke_key(
  space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, key uuid
) returns tw.answer language plpgsql volatile as $$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'account', mutation, payload, request);
  old tw.api_keys;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  delete from tw.api_keys k where k.user_id = tw.account() and k.id = key returning k.* into old;
  if not found then return tw.answered(m, 'missing'); end if;
  return tw.finish_mutation(m.space_id, m, array[row('delete', 'key', key, tw.key_json(old), null)::tw.change],
    json_build_object('id', key));
end $$;
