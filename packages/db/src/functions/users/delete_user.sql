-- users.delete: erases the account that a service key names, and everything in it, as me.delete does.
create or replace function tw.delete_user(
  space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text
) returns tw.answer language plpgsql volatile as $$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'users', mutation, payload, request);
begin
  return tw.answered(m, 'ok', json_build_object('id', tw.erase_me()));
end $$;
