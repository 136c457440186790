-- Authenticates the caller and sets the account and the space of the transaction, which tw.account() and tw.space()
-- return to the row-level security policies (schema/parts.ts). Raises TW401, TW403, TW404 or TW410 for a caller that it
-- refuses, so that no statement runs without a caller. Both settings end with the transaction.
-- `space` null means the space that a key is bound to, or else the caller's personal space. `acting` is the account
-- that a service key acts for. `need` is `session`, or the scopes that a key must hold, separated by spaces.
-- `credential` is the hash of a session's token or of a key. A longer credential names a user by an external id: it is
-- a byte, a hash and the id. With byte 1 the hash is that of the issuer whose token names the user, with 2 that of the
-- service key that names the user. With 3 it is zeros: the host of this process has authenticated the user. 5 and 7
-- mean 1 and 3, for an account that tw.add_user() has returned.
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
  -- Takes the results of set_config(): an assignment is cheaper than PERFORM, which runs a query.
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
    -- The snapshot of the calling statement may be older than the account, and then has no rows of it. So an account is
    -- found if it is older than any statement takes (10 seconds), or if the service knows that it exists (5, 7).
    select u.id into c.user_id from auth.users u
      where u.external_id = external and (form in (3, 7) or u.issuer = credential)
        and (form > 3 or u.created_at < now() - interval '10 seconds');
    -- On TW410 the service calls tw.add_user(), and sends the call again.
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
      -- Accounts are created and listed in no space. The id of the key, which no account or space has,
      -- takes the place of both ids.
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

  -- A session may do everything except manage accounts; a key may do what its scopes allow. The write scope includes
  -- the read scope.
  if c.kind = 'user' then
    if need = 'users' and refused is null then refused := 'scope'; end if;
  else
    if 'tasks:write' = any (granted) then granted := granted || 'tasks:read'::text; end if;
    if (need <> '' and string_to_array(need, ' ') <@ granted) is not true then refused := coalesce(refused, 'scope'); end if;
  end if;

  -- The only place that decides whether the caller may act in the space; the policies then limit all statements to it.
  -- A personal space has the id of its account. One condition covers all refusals, since each further one would cost as
  -- much as a query.
  c.space_id := coalesce(space, bound, c.user_id);
  if refused is not null or (bound <> c.space_id) is true
    or not exists (select from tw.spaces s where s.id = c.space_id and s.owner_id = c.user_id)
    or exists (select from auth.users u where u.id = c.user_id and u.disabled_at is not null)
  then
    -- A service key that manages accounts also reaches disabled ones.
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
