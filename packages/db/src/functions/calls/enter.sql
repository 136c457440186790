-- Work across users: each of these runs as taskwire_definer, which sees every user's rows, and is
-- the whole list of what the service can do beyond its caller's own rows.

-- Who a credential is, and whether it may: raises TW401 or TW403, so that no statement runs on as
-- whoever was set before. `need` is `session`, or the scopes that a key must hold, with blanks between
-- them. `acting` is the user that a service's key acts for.
create or replace function tw.enter(credential bytea, need text, acting uuid)
returns table (user_id uuid, expires_at timestamptz, actor_kind text, actor_key uuid)
language plpgsql volatile rows 1 security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  u uuid; e timestamptz; kind text := 'user'; k uuid; granted text[];
  -- Assigned, not performed, here and below: that is an expression, and no query.
  setting text := set_config('app.user_id', '', true);
begin
  select s.user_id, s.expires_at into u, e from auth.sessions s where s.token_hash = credential and s.expires_at > now();
  if u is null then
    select a.user_id, a.id, a.scopes, 'key' into u, k, granted, kind from tw.api_keys a
      where a.secret_hash = credential and (a.expires_at is null or a.expires_at > now());
    if u is null then
      select s.id, s.scopes, 'service' into k, granted, kind from tw.service_keys s
        where s.secret_hash = credential and (s.expires_at is null or s.expires_at > now());
      if k is null then raise exception using errcode = 'TW401', message = 'unauthenticated'; end if;
      select h.user_id into u from tw.user_heads h where h.user_id = acting;
      if u is null then raise exception using errcode = 'TW403', message = 'acting'; end if;
    end if;
    -- A key that may write may read.
    if 'tasks:write' = any (granted) then granted := granted || 'tasks:read'::text; end if;
    if (need <> '' and string_to_array(need, ' ') <@ granted) is not true then
      raise exception using errcode = 'TW403', message = 'scope';
    end if;
  end if;
  if acting is not null and kind <> 'service' then raise exception using errcode = 'TW403', message = 'acting'; end if;
  setting := set_config('app.user_id', u::text, true);
  user_id := u; expires_at := e; actor_kind := kind; actor_key := k;
  return next;
end $$;
