-- users.create: creates an account with an external id. The mutation id is recorded in the account's personal space.
-- The answer names the service key in place of that account, since rate limits count the call for the key.
create or replace function tw.create_user(
  space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text,
  new_id uuid, external text, new_name text, new_email text, new_zone text
) returns tw.answer language plpgsql volatile as $$
declare
  c tw.caller := tw.authenticate(space, credential, acting, 'users');
  account uuid;
  m tw.mutation;
  answer tw.answer;
begin
  account := tw.add_user(new_id, external, null, new_name, new_email, new_zone);
  m := tw.begin_mutation(space, credential, account, 'users', mutation, payload, request);
  if m.replayed then answer := tw.answered(m, 'ok', m.reply);
  elsif account <> new_id then answer := tw.answered(m, 'user_exists', tw.user_json());
  else answer := tw.finish_mutation(m.space_id, m, '{}', tw.user_json());
  end if;
  answer.user_id := c.user_id; answer.space_id := c.space_id;
  return answer;
end $$;
