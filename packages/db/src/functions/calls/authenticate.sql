-- Authenticates the caller of a transaction and sets what the row-level security policies (schema/parts.ts) compare with, by
-- tw.account() and tw.space(). Raises TW401, TW403 or TW404, so that no statement runs without a caller. The settings end with the transaction.
-- `space` null means the caller's personal space. `acting` is the account that a service key acts for. `need` is
-- `session`, or the scopes that a key must hold, separated by spaces.
create or replace function tw.authenticate(space uuid, credential bytea, acting uuid, need text)
returns tw.caller language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  c tw.caller;
  granted text[];
  -- The one space that the key may act in; null means any space of its account.
  bound uuid;
  -- An assignment is cheaper than PERFORM, which runs a query.
  setting text;
begin
  c.kind := 'user';
  select s.user_id, s.expires_at into c.user_id, c.session_expires
    from auth.sessions s where s.token_hash = credential and s.expires_at > now();
  if c.user_id is null then
    c.kind := 'key';
    select k.user_id, k.id, k.scopes, k.space_id into c.user_id, c.key_id, granted, bound
      from tw.api_keys k where k.secret_hash = credential and (k.expires_at is null or k.expires_at > now());
  end if;
  if c.user_id is null then
    c.kind := 'service';
    select k.id, k.scopes into c.key_id, granted
      from tw.service_keys k where k.secret_hash = credential and (k.expires_at is null or k.expires_at > now());
    if c.key_id is null then raise exception using errcode = 'TW401', message = 'unauthenticated'; end if;
    if acting is null then raise exception using errcode = 'TW403', message = 'acting'; end if;
    select u.id into c.user_id from auth.users u where u.id = acting;
    if c.user_id is null then raise exception using errcode = 'TW403', message = 'user unknown'; end if;
  elsif acting is not null then
    raise exception using errcode = 'TW403', message = 'acting';
  end if;

  -- A session may do everything, a key what its scopes allow. The write scope includes the read scope.
  if c.kind <> 'user' then
    if 'tasks:write' = any (granted) then granted := granted || 'tasks:read'::text; end if;
    if (need <> '' and string_to_array(need, ' ') <@ granted) is not true then
      raise exception using errcode = 'TW403', message = 'scope';
    end if;
  end if;

  -- The only place that decides whether the caller may act in the space; the policies then bind all rows to it. A personal space has the id of its account.
  c.space_id := coalesce(space, bound, c.user_id);
  if (bound <> c.space_id) is true or not exists (select from tw.spaces s where s.id = c.space_id and s.owner_id = c.user_id) then
    raise exception using errcode = 'TW404', message = 'space';
  end if;
  setting := set_config('app.account', c.user_id::text, true);
  setting := set_config('app.space', c.space_id::text, true);
  return c;
end $$;
