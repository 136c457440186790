-- Checks the callers of one process's open streams. Returns a row for each caller that may no longer read, with the
-- refusal that tw.authenticate() would raise, and for each whose space's revision differs from `known`. `nr` is the
-- caller's number in the arrays.
create or replace function tw.watch(spaces uuid[], credentials bytea[], acting uuid[], known bigint[])
returns table (nr int, refusal text, head bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select a.nr::int, found.refusal, h.revision
  from unnest(spaces, credentials, acting, known) with ordinality a(space, credential, acting, known, nr)
  -- A credential with an external id, as in tw.authenticate().
  cross join lateral (select case when octet_length(a.credential) > 32 then get_byte(a.credential, 0) else 0 end as form) f
  cross join lateral (select case when f.form = 0 then a.credential else substr(a.credential, 2, 32) end as hash,
    case when f.form <> 0 then convert_from(substr(a.credential, 34), 'UTF8') end as external) p
  left join auth.users e on e.external_id = p.external and (f.form <> 1 or e.issuer = p.hash)
  left join auth.sessions s on f.form = 0 and s.token_hash = p.hash and s.expires_at > now()
  left join tw.api_keys k on f.form = 0 and s.user_id is null and k.secret_hash = p.hash and (k.expires_at is null or k.expires_at > now())
  left join tw.service_keys v on f.form in (0, 2) and s.user_id is null and k.user_id is null
    and v.secret_hash = p.hash and (v.expires_at is null or v.expires_at > now())
  left join auth.users u on u.id = case when f.form <> 0 then e.id when v.id is null then coalesce(s.user_id, k.user_id) else a.acting end
  left join tw.spaces h on h.id = coalesce(a.space, k.space_id, u.id) and h.owner_id = u.id
    and (k.space_id is null or k.space_id = h.id)
  cross join lateral (select case
      when s.user_id is null and k.user_id is null and v.id is null and (f.form not in (1, 3) or u.id is null) then 'unauthenticated'
      when (v.id is not null and f.form = 0) <> (a.acting is not null) then 'acting'
      when u.id is null then 'user unknown'
      when u.disabled_at is not null then 'unauthenticated'
      when coalesce(k.scopes, v.scopes) is not null and not (coalesce(k.scopes, v.scopes) && array['tasks:read', 'tasks:write']) then 'scope'
      when h.id is null then 'space'
    end as refusal) found
  where found.refusal is not null or h.revision is distinct from a.known
  order by a.nr
$$;
