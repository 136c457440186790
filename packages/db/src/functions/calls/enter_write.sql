-- The same for a mutation: takes the user's lock first, then looks whether it has been applied before.
create or replace function tw.enter_write(credential bytea, need text, acting uuid, mutation uuid, payload bytea)
returns table (user_id uuid, expires_at timestamptz, replayed boolean, reply json, revision bigint)
language plpgsql volatile rows 1 security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  c record; m record; setting text := set_config('app.replay', '', true);
begin
  select * into c from tw.enter(credential, need, acting);
  select h.revision into revision from tw.user_heads h where h.user_id = c.user_id for no key update;
  if revision is null then
    setting := set_config('app.user_id', '', true);
    raise exception using errcode = 'TW401', message = 'unauthenticated';
  end if;
  setting := set_config('app.actor_kind', c.actor_kind, true);
  setting := set_config('app.actor_key', coalesce(c.actor_key::text, ''), true);
  user_id := c.user_id; expires_at := c.expires_at; replayed := false;
  if mutation is not null then
    select x.payload_hash, case when x.at > now() - interval '24 hours' then x.reply end as reply, x.revision into m
      from tw.mutations x where x.user_id = c.user_id and x.mutation_id = mutation;
    if found then
      if m.payload_hash is distinct from payload then raise exception using errcode = 'TW422', message = 'mutation id reused'; end if;
      setting := set_config('app.replay', '1', true);
      replayed := true; reply := m.reply; revision := m.revision;
    end if;
  end if;
  return next;
end $$;
