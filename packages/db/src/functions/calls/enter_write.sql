-- Begins a mutation: authenticates, takes the space's lock, and looks whether the mutation has been applied before.
create or replace function tw.enter_write(space uuid, credential bytea, acting uuid, need text, mutation uuid, payload bytea)
returns table (space_id uuid, user_id uuid, session_expires timestamptz, replayed boolean, reply json, revision bigint)
language plpgsql volatile rows 1 security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  c tw.caller; m record; setting text := set_config('app.replay', '', true);
begin
  c := tw.authenticate(space, credential, acting, need);
  select s.revision into revision from tw.spaces s where s.id = c.space_id for no key update;
  if revision is null then raise exception using errcode = 'TW401', message = 'unauthenticated'; end if;
  setting := set_config('app.actor_kind', c.kind, true);
  setting := set_config('app.actor_key', coalesce(c.key_id::text, ''), true);
  space_id := c.space_id; user_id := c.user_id; session_expires := c.session_expires; replayed := false;
  if mutation is not null then
    select x.user_id, x.payload_hash, case when x.at > now() - interval '24 hours' then x.reply end as reply, x.revision into m
      from tw.mutations x where x.space_id = c.space_id and x.mutation_id = mutation;
    if found then
      if (m.user_id, m.payload_hash) is distinct from (c.user_id, payload) then
        raise exception using errcode = 'TW422', message = 'mutation id reused';
      end if;
      setting := set_config('app.replay', '1', true);
      replayed := true; reply := m.reply; revision := m.revision;
    end if;
  end if;
  return next;
end $$;
