-- me.delete: erases the account and everything in it. Logs nothing, since the log is erased too.
create or replace function tw.delete_me(
  space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text
) returns tw.answer language plpgsql volatile as $$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'session', mutation, payload, request);
begin
  return tw.answered(m, 'ok', json_build_object('id', tw.erase_me()));
end $$;
