-- Authenticates the caller of a transaction and sets what the row-level security policies (schema/parts.ts) compare with, by
-- tw.account() and tw.space(). Raises TW401, TW403, TW404 or TW410, so that no statement runs without a caller. The settings end with the transaction.
-- `space` null means the caller's personal space. `acting` is the account that a service key acts for. `need` is
-- `session`, or the scopes that a key must hold, separated by spaces.
-- `credential` is the hash of a session's token or of a key. A longer one has a further byte before a hash, and an external id
-- after it: 1 and the hash of the issuer that vouches for the user, 2 and the hash of a service key that names the user, or 3 and
-- zeros for a user for whom the process itself vouches. 5 and 7 are 1 and 3 after tw.add_user() has returned.
create or replace function tw.authenticate(space uuid, credential bytea, acting uuid, need text)
returns tw.caller language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  c tw.caller;
  granted text[];
  -- The one space that the key may act in; null means any space of its account.
  bound uuid;
  form int := 0;
  external text;
  refused text;
  -- An assignment is cheaper than PERFORM, which runs a query.
  setting text;
begin
  c.kind := 'user';
  if octet_length(credential) > 32 then
    form := get_byte(credential, 0);
    if form not in (1, 2, 3, 5, 7) then raise exception using errcode = 'TW401', message = 'unauthenticated'; end if;
    external := convert_from(substr(credential, 34), 'UTF8');
    credential := substr(credential, 2, 32);
  end if;
  if form in (1, 3, 5, 7) then
    -- A new account may be committed after the statement that calls this function took its snapshot, which then has no row of it.
    -- No statement takes 10 seconds.
    select u.id into c.user_id from auth.users u
      where u.external_id = external and (form in (3, 7) or u.issuer = credential)
        and (form > 3 or u.created_at < now() - interval '10 seconds');
    -- The service then calls tw.add_user(), and sends the call again.
    if c.user_id is null then raise exception using errcode = 'TW410', message = 'identity unknown'; end if;
  else
    select s.user_id, s.expires_at into c.user_id, c.session_expires
      from auth.sessions s where s.token_hash = credential and s.expires_at > now();
    if c.user_id is null then
      c.kind := 'key';
      select k.user_id, k.id, k.scopes, k.space_id into c.user_id, c.key_id, granted, bound
        from tw.api_keys k where k.secret_hash = credential and (k.expires_at is null or k.expires_at > now());
    end if;
  end if;
  if c.user_id is null then
    c.kind := 'service';
    select k.id, k.scopes into c.key_id, granted
      from tw.service_keys k where k.secret_hash = credential and (k.expires_at is null or k.expires_at > now());
    if c.key_id is null then raise exception using errcode = 'TW401', message = 'unauthenticated'; end if;
    if need = 'users' then
      if not 'users' = any (granted) then raise exception using errcode = 'TW403', message = 'scope'; end if;
      if space is not null then raise exception using errcode = 'TW403', message = 'acting'; end if;
      -- Accounts are created and listed in no space: nothing has the id of a key.
      if acting is null and external is null then
        c.user_id := c.key_id; c.space_id := c.key_id;
        setting := set_config('app.account', c.key_id::text, true);
        setting := set_config('app.space', c.key_id::text, true);
        return c;
      end if;
    end if;
    if (acting is null) = (external is null) then raise exception using errcode = 'TW403', message = 'acting'; end if;
    if external is null then
      select u.id into c.user_id from auth.users u where u.id = acting;
    else
      select u.id into c.user_id from auth.users u where u.external_id = external;
    end if;
    if c.user_id is null then raise exception using errcode = 'TW403', message = 'user unknown'; end if;
  elsif acting is not null or form = 2 then
    refused := 'acting';
  end if;

  -- A session may do everything but manage accounts, a key what its scopes allow. The write scope includes the read scope.
  if c.kind = 'user' then
    if need = 'users' and refused is null then refused := 'scope'; end if;
  else
    if 'tasks:write' = any (granted) then granted := granted || 'tasks:read'::text; end if;
    if (need <> '' and string_to_array(need, ' ') <@ granted) is not true then refused := coalesce(refused, 'scope'); end if;
  end if;

  -- The only place that decides whether the caller may act in the space; the policies then bind all rows to it. A personal space
  -- has the id of its account. One condition for every refusal, since each of its parts costs as much as a query.
  c.space_id := coalesce(space, bound, c.user_id);
  if refused is not null or (bound <> c.space_id) is true
    or not exists (select from tw.spaces s where s.id = c.space_id and s.owner_id = c.user_id)
    or exists (select from auth.users u where u.id = c.user_id and u.disabled_at is not null)
  then
    -- A service key that manages accounts has to find the disabled ones too.
    if (c.kind <> 'service' or need <> 'users')
      and exists (select from auth.users u where u.id = c.user_id and u.disabled_at is not null)
    then
      raise exception using errcode = 'TW401', message = 'unauthenticated';
    end if;
    if refused is not null then raise exception using errcode = 'TW403', message = refused; end if;
    if (bound <> c.space_id) is true or not exists (select from tw.spaces s where s.id = c.space_id and s.owner_id = c.user_id) then
      raise exception using errcode = 'TW404', message = 'space';
    end if;
  end if;
  setting := set_config('app.account', c.user_id::text, true);
  setting := set_config('app.space', c.space_id::text, true);
  return c;
end $$;
