-- Row security holds for the tables' owner too.
alter table tw.user_heads force row level security;
alter table tw.lists force row level security;
alter table tw.tasks force row level security;
alter table tw.changes force row level security;
alter table tw.mutations force row level security;
alter table tw.api_keys force row level security;
alter table tw.service_keys force row level security;
alter table auth.users force row level security;
alter table auth.sessions force row level security;
alter table auth.accounts force row level security;
alter table auth.verifications force row level security;
--> statement-breakpoint
-- A list's live tasks by position; the inbox counts as the list whose id is the user's own. A case, here and in
-- what it is compared with: coalesce() on either side counts as leaky, and a leaky comparison is no index
-- condition behind a policy (130 ms instead of 0.1 in a list of 50 thousand).
create unique index tasks_position_key on tw.tasks (user_id, (case when list_id is null then user_id else list_id end), position) where deleted_at is null;
--> statement-breakpoint
alter table tw.lists alter column position type text collate "C";
alter table tw.tasks alter column position type text collate "C";
--> statement-breakpoint
-- Room for updates in place.
alter table tw.user_heads set (fillfactor = 50);
alter table tw.tasks set (fillfactor = 90);
--> statement-breakpoint

-- True unless the mutation has been applied before: set by tw.enter_write().
create function tw.live() returns boolean language sql stable
return current_setting('app.replay', true) is distinct from '1';
--> statement-breakpoint
create function tw.iso(t timestamptz) returns text language sql stable parallel safe
return to_char(t at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
--> statement-breakpoint

-- The contract's shape of each row.
create function tw.task_json(t tw.tasks) returns json language sql stable
return json_build_object(
  'id', t.id, 'userId', t.user_id, 'listId', t.list_id, 'title', t.title, 'description', t.description,
  'complete', t.complete, 'completedAt', tw.iso(t.completed_at),
  'priority', (array['none', 'low', 'medium', 'high', 'urgent'])[t.priority + 1], 'tags', t.tags,
  'due', case when t.due_time is not null
    then json_build_object('date', t.due_date, 'time', left(t.due_time::text, 5), 'timeZone', t.due_zone)
    when t.due_date is not null then json_build_object('date', t.due_date) end,
  'dueAt', tw.iso(t.due_at), 'position', t.position, 'revision', t.revision,
  'createdAt', tw.iso(t.created_at), 'updatedAt', tw.iso(t.updated_at), 'deletedAt', tw.iso(t.deleted_at));
--> statement-breakpoint
create function tw.priority_rank(priority text) returns smallint language sql immutable parallel safe
return array_position(array['none', 'low', 'medium', 'high', 'urgent'], priority) - 1;
--> statement-breakpoint
create function tw.list_json(l tw.lists) returns json language sql stable
return json_build_object(
  'id', l.id, 'name', l.name, 'position', l.position, 'revision', l.revision,
  'createdAt', tw.iso(l.created_at), 'updatedAt', tw.iso(l.updated_at));
--> statement-breakpoint
create function tw.change_json(c tw.changes) returns json language sql stable
return json_build_object(
  'revision', c.revision, 'commit', c.commit, 'at', tw.iso(c.at), 'mutationId', c.mutation_id, 'requestId', c.request_id,
  'actor', json_build_object('kind', c.actor_kind, 'userId', c.user_id, 'keyId', c.actor_key_id),
  'action', c.action, 'entity', c.entity, 'entityId', c.entity_id, 'before', c.before, 'after', c.after,
  'redacted', c.redacted);
--> statement-breakpoint
create function tw.key_json(k tw.api_keys) returns json language sql stable
return json_build_object(
  'id', k.id, 'name', k.name, 'scopes', k.scopes, 'createdAt', tw.iso(k.created_at), 'expiresAt', tw.iso(k.expires_at));
--> statement-breakpoint
-- The fields that differ, as {before, after}. Both sides are of the same shape, key by key.
create function tw.differences(was json, now_is json) returns jsonb language sql immutable parallel safe
return (
  select jsonb_build_object('before', coalesce(jsonb_object_agg(key, was_value), '{}'), 'after', coalesce(jsonb_object_agg(key, value), '{}'))
  from rows from (json_each(was), json_each(now_is)) as x(key, was_value, same_key, value)
  where was_value::text <> value::text and key not in ('revision', 'updatedAt')
);
--> statement-breakpoint

-- A zone of the IANA database as PostgreSQL finds it: these names it takes for abbreviations, which
-- have no summer time and no history. The others are what IANA's database has them mean.
create function tw.zone(name text) returns text language sql immutable parallel safe
return case upper(name) when 'CET' then 'Europe/Brussels' when 'MET' then 'Europe/Brussels'
  when 'EET' then 'Europe/Athens' when 'WET' then 'Europe/Lisbon' when 'EST' then 'America/Panama'
  when 'MST' then 'America/Phoenix' when 'HST' then 'Pacific/Honolulu' else name end;
--> statement-breakpoint

-- The instant of a due date; for an all-day date 00:00 UTC of it. PostgreSQL moves a time that the
-- clocks skip forward by the gap, and takes the second of a repeated one: the first is the one by
-- the offset of the day before, where that reads back as the same wall-clock time.
create function tw.due_at(d date, t time, zone_name text) returns timestamptz language plpgsql stable as $$
declare
  wall timestamp := d + t;
  zone text := tw.zone(zone_name);
  instant timestamptz := wall at time zone zone;
  day_before timestamptz := instant - interval '1 day';
  first timestamptz := (wall - ((day_before at time zone zone) - (day_before at time zone 'UTC'))) at time zone 'UTC';
begin
  if t is null then return d::timestamp at time zone 'UTC'; end if;
  if first at time zone zone = wall then return least(instant, first); end if;
  return instant;
end $$;
--> statement-breakpoint

-- Positions: eight hexadecimal digits, then a fraction without a trailing zero, compared bytewise.
-- A fraction strictly between two; null for the upper is 1.
create function tw.fraction_between(a text, b text) returns text language plpgsql immutable as $$
declare
  i int := 1; da int; db int; found text := '';
begin
  -- Without anything between them the loop would not end.
  if a >= b collate "C" or b like '%0' then raise exception 'no fraction between % and %', a, b; end if;
  loop
    da := coalesce(strpos('0123456789abcdef', nullif(substr(a, i, 1), '')) - 1, 0);
    db := case when b is null then 16 else coalesce(strpos('0123456789abcdef', nullif(substr(b, i, 1), '')) - 1, 0) end;
    if db - da > 1 then return found || to_hex((da + db) / 2); end if;
    if db - da = 1 and length(b) > i then return found || to_hex(db); end if;
    found := found || to_hex(da);
    if db > da then b := null; end if;
    i := i + 1;
  end loop;
end $$;
--> statement-breakpoint
create function tw.position_integer(p text) returns bigint language sql immutable parallel safe
return ('x' || lpad(left(p, 8), 16, '0'))::bit(64)::bigint;
--> statement-breakpoint
create function tw.position_text(n bigint) returns text language plpgsql immutable parallel safe as $$
begin
  -- Two thousand million tasks were placed last, or first, in one list.
  if n not between 0 and 4294967295 then raise exception using errcode = 'TW507', message = 'no room'; end if;
  return lpad(to_hex(n), 8, '0');
end $$;
--> statement-breakpoint
-- A position strictly between two; null for either is the end.
create function tw.position_between(a text, b text) returns text language plpgsql immutable as $$
declare
  ia bigint := tw.position_integer(a); ib bigint := tw.position_integer(b);
begin
  if a >= b collate "C" then raise exception 'no position between % and %', a, b; end if;
  if a is null and b is null then return '80000000'; end if;
  if b is null then return tw.position_text(ia + 1); end if;
  if a is null then return case when length(b) > 8 then left(b, 8) else tw.position_text(ib - 1) end; end if;
  if ib - ia > 1 then return tw.position_text((ia + ib) / 2); end if;
  if ib > ia and length(b) > 8 then return left(b, 8); end if;
  return left(a, 8) || tw.fraction_between(substr(a, 9), case when ia = ib then substr(b, 9) end);
end $$;
--> statement-breakpoint
-- n positions in order between two, evenly by halves; null for either is the end.
create function tw.positions_between(a text, b text, n int) returns text[] language plpgsql immutable as $$
declare
  middle text;
begin
  if n <= 0 then return '{}'; end if;
  if n = 1 then return array[tw.position_between(a, b)]; end if;
  if b is null then
    return array(select tw.position_text(coalesce(tw.position_integer(a), 2147483647) + i) from generate_series(1, n) i);
  end if;
  if a is null then
    return array(select tw.position_text(tw.position_integer(b) - n + i) from generate_series(0, n - 1) i);
  end if;
  middle := tw.position_between(a, b);
  return tw.positions_between(a, middle, n / 2) || middle || tw.positions_between(middle, b, n - n / 2 - 1);
end $$;
--> statement-breakpoint
-- The position that is the n-th behind a list's last live task.
create function tw.position_behind(list uuid, n bigint) returns text language plpgsql stable as $$
declare
  shelf uuid := case when list is null then tw.me() else list end; last text collate "C";
begin
  select max(t.position) into last from tw.tasks t
    where t.user_id = tw.me() and case when t.list_id is null then t.user_id else t.list_id end = shelf and t.deleted_at is null;
  return tw.position_text(n + coalesce(tw.position_integer(last), 2147483647));
end $$;
--> statement-breakpoint
-- Where n tasks go in a list, one behind the other: last, or with `placed` behind `after` (null: first).
-- `self` stays where it is when that is right already. TW404: `after` is not a live task there; TW507:
-- no room left, spread first.
create function tw.place_tasks(list uuid, placed boolean, after uuid, self uuid, n int) returns text[] language plpgsql stable as $$
#variable_conflict use_variable
declare
  shelf uuid := case when list is null then tw.me() else list end; places text[];
  previous text collate "C"; next text collate "C"; own text collate "C"; low text collate "C";
begin
  select t.position into own from tw.tasks t
    where t.user_id = tw.me() and t.id = self and case when t.list_id is null then t.user_id else t.list_id end = shelf and t.deleted_at is null;
  if not placed then
    select max(t.position) into previous from tw.tasks t
      where t.user_id = tw.me() and case when t.list_id is null then t.user_id else t.list_id end = shelf and t.deleted_at is null;
    if previous = own then return array[own]; end if;
  else
    if after is not null then
      select t.position into previous from tw.tasks t
        where t.user_id = tw.me() and t.id = after and t.id is distinct from self
          and case when t.list_id is null then t.user_id else t.list_id end = shelf and t.deleted_at is null;
      if not found then raise exception using errcode = 'TW404', message = 'after'; end if;
    end if;
    low := coalesce(previous, '');
    select t.position into next from tw.tasks t
      where t.user_id = tw.me() and case when t.list_id is null then t.user_id else t.list_id end = shelf and t.deleted_at is null
        and t.position > low and t.position is distinct from own
      order by t.position limit 1;
    if own > low and (next is null or own < next) then return array[own]; end if;
  end if;
  places := tw.positions_between(previous, next, n);
  if (select max(length(place)) from unnest(places) place) > 64 then
    raise exception using errcode = 'TW507', message = 'no room';
  end if;
  return places;
end $$;
--> statement-breakpoint
create function tw.place_list(placed boolean, after uuid, self uuid) returns text language plpgsql stable as $$
#variable_conflict use_variable
declare
  previous text collate "C"; next text collate "C"; own text collate "C"; low text collate "C"; place text;
begin
  select l.position into own from tw.lists l where l.user_id = tw.me() and l.id = self;
  if not placed then
    select max(l.position) into previous from tw.lists l where l.user_id = tw.me();
  else
    if after is not null then
      select l.position into previous from tw.lists l
        where l.user_id = tw.me() and l.id = after and l.id is distinct from self;
      if not found then raise exception using errcode = 'TW404', message = 'after'; end if;
    end if;
    low := coalesce(previous, '');
    select min(l.position) into next from tw.lists l
      where l.user_id = tw.me() and l.position > low and l.position is distinct from own;
    if own > low and (next is null or own < next) then return own; end if;
  end if;
  place := tw.position_between(previous, next);
  if length(place) > 64 then raise exception using errcode = 'TW507', message = 'no room'; end if;
  return place;
end $$;
--> statement-breakpoint
-- Where tasks go that go back to the positions that they want: there, or where another live task of the list
-- has that, behind it. What one of them is given is not what another of them wants.
create function tw.free_positions(ids uuid[], lists uuid[], wanted text[]) returns table (id uuid, place text)
language sql stable as $$
  select w.id, case when exists (
      select from tw.tasks t where t.user_id = tw.me() and case when t.list_id is null then t.user_id else t.list_id end = w.shelf
        and t.deleted_at is null and t.position = w.wanted and t.id <> w.id
    ) then tw.position_between(w.wanted, least(w.following, (
      select min(t.position) from tw.tasks t where t.user_id = tw.me()
        and case when t.list_id is null then t.user_id else t.list_id end = w.shelf and t.deleted_at is null and t.position > w.wanted
    ))) else w.wanted end
  from (
    select u.id, case when u.list is null then tw.me() else u.list end as shelf, u.wanted, lead(u.wanted) over (partition by u.list order by u.wanted) as following
    from (select x.id, x.list, x.wanted collate "C" as wanted from unnest(ids, lists, wanted) x(id, list, wanted)) u
  ) w
$$;
--> statement-breakpoint
-- True when each field of `after` still is what it says, those aside that every change sets.
create function tw.holds(now_is json, after jsonb) returns boolean language plpgsql immutable parallel safe as $$
declare
  n jsonb := now_is;
begin
  return not exists (select from jsonb_each(after) a where n->a.key is distinct from a.value and a.key not in ('revision', 'updatedAt'));
end $$;
--> statement-breakpoint
-- Inserts tasks, each seeing those before it. A draft has every field of the contract, and beside
-- them `tagKeys`; `nr`, its own revision from 1; and `place` and `places`, which one it is of how many
-- that go, one behind the other, where its `after` says.
create function tw.insert_tasks(drafts jsonb, base bigint, at timestamptz) returns setof tw.tasks
language plpgsql as $$
#variable_conflict use_variable
declare
  d jsonb; place int; places text[]; inserted tw.tasks;
begin
  for d in select value from jsonb_array_elements(drafts) loop
    place := (d->>'place')::int;
    if place = 1 then
      places := tw.place_tasks((d->>'listId')::uuid, d ? 'after', (d->>'after')::uuid, null, (d->>'places')::int);
    end if;
    insert into tw.tasks (user_id, id, list_id, title, description, complete, completed_at, priority, tags, tag_keys,
      due_date, due_time, due_zone, due_at, position, revision, created_at, updated_at)
    values (tw.me(), (d->>'id')::uuid, (d->>'listId')::uuid, d->>'title', d->>'description', (d->>'complete')::boolean,
      case when (d->>'complete')::boolean then at end, tw.priority_rank(d->>'priority'),
      array(select jsonb_array_elements_text(d->'tags')), array(select jsonb_array_elements_text(d->'tagKeys')),
      (d->'due'->>'date')::date, (d->'due'->>'time')::time, d->'due'->>'timeZone',
      tw.due_at((d->'due'->>'date')::date, (d->'due'->>'time')::time, d->'due'->>'timeZone'),
      places[place], base + (d->>'nr')::bigint, at, at)
    returning * into inserted;
    return next inserted;
  end loop;
end $$;
--> statement-breakpoint

-- Work across users: each of these runs as taskwire_definer, which sees every user's rows, and is
-- the whole list of what the service can do beyond its caller's own rows.

-- Who a credential is, and whether it may: raises TW401 or TW403, so that no statement runs on as
-- whoever was set before. `acting` is the user that a service's key acts for.
create function tw.enter(credential bytea, need text, acting uuid)
returns table (user_id uuid, expires_at timestamptz, actor_kind text, actor_key uuid)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  u uuid; e timestamptz; kind text := 'user'; k uuid; granted text[];
begin
  perform set_config('app.user_id', '', true);
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
    if need = 'session' or (need = any (granted) or need = 'tasks:read' and 'tasks:write' = any (granted)) is not true then
      raise exception using errcode = 'TW403', message = 'scope';
    end if;
  end if;
  if acting is not null and kind <> 'service' then raise exception using errcode = 'TW403', message = 'acting'; end if;
  perform set_config('app.user_id', u::text, true);
  return query select u, e, kind, k;
end $$;
--> statement-breakpoint
-- The same for a mutation: takes the user's lock first, then looks whether it has been applied before.
create function tw.enter_write(credential bytea, need text, acting uuid, mutation uuid, payload bytea)
returns table (user_id uuid, expires_at timestamptz, replayed boolean, reply json, revision bigint)
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  c record; m record; r bigint;
begin
  perform set_config('app.replay', '', true);
  select * into c from tw.enter(credential, need, acting);
  select h.revision into r from tw.user_heads h where h.user_id = c.user_id for no key update;
  if r is null then
    perform set_config('app.user_id', '', true);
    raise exception using errcode = 'TW401', message = 'unauthenticated';
  end if;
  perform set_config('app.actor_kind', c.actor_kind, true), set_config('app.actor_key', coalesce(c.actor_key::text, ''), true);
  if mutation is not null then
    select x.payload_hash, case when x.at > now() - interval '24 hours' then x.reply end as reply, x.revision into m
      from tw.mutations x where x.user_id = c.user_id and x.mutation_id = mutation;
    if found then
      if m.payload_hash is distinct from payload then raise exception using errcode = 'TW422', message = 'mutation id reused'; end if;
      perform set_config('app.replay', '1', true);
      return query select c.user_id, c.expires_at, true, m.reply, m.revision;
      return;
    end if;
  end if;
  return query select c.user_id, c.expires_at, false, null::json, r;
end $$;
--> statement-breakpoint
-- Erases the caller. The head first: that is the order in which mutations lock.
create function tw.erase_me() returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  u uuid := tw.me();
begin
  perform from tw.user_heads h where h.user_id = u for update;
  delete from auth.users where id = u;
  return u;
end $$;
--> statement-breakpoint
-- Drops what has been kept long enough, and sessions that have ended, at most so many rows of each a
-- call; returns how many. Nothing is left to drop when it returns 0.
create function tw.sweep(change_days int, most int) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  n bigint; dropped bigint := 0;
begin
  most := least(most, 10000);
  delete from tw.mutations where ctid = any (array(
    select ctid from tw.mutations where at < now() - interval '30 days' order by at limit most for update skip locked));
  get diagnostics n = row_count; dropped := dropped + n;
  update tw.mutations set reply = null where ctid = any (array(
    select ctid from tw.mutations where at < now() - interval '24 hours' and reply is not null
    order by at limit most for update skip locked));
  get diagnostics n = row_count; dropped := dropped + n;
  delete from tw.changes where ctid = any (array(
    select ctid from tw.changes where at < now() - make_interval(days => greatest(change_days, 30))
    order by at limit most for update skip locked));
  get diagnostics n = row_count; dropped := dropped + n;
  delete from auth.sessions where id = any (array(
    select id from auth.sessions where expires_at < now() order by expires_at limit most for update skip locked));
  get diagnostics n = row_count; dropped := dropped + n;
  return dropped;
end $$;
--> statement-breakpoint
-- Every user has a head from the start.
create function tw.make_head() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into tw.user_heads (user_id) values (new.id);
  return new;
end $$;
--> statement-breakpoint
create trigger users_make_head after insert on auth.users for each row execute function tw.make_head();
--> statement-breakpoint

-- Functions are everybody's unless told otherwise: these, and those of migrations to come.
revoke all on all functions in schema tw from public;
alter default privileges revoke execute on functions from public;
grant usage on schema tw to taskwire_app, taskwire_definer;
grant usage on schema auth to taskwire_app, taskwire_auth, taskwire_definer;
grant execute on all functions in schema tw to taskwire_app;
-- A trigger calls it, which needs no right.
revoke execute on function tw.make_head() from taskwire_app;
grant execute on function tw.me() to taskwire_definer;
--> statement-breakpoint
-- The service changes what may change, and no more: ids, owners and creation times stay.
grant select on tw.user_heads to taskwire_app;
grant update (revision, changed_at, time_zone) on tw.user_heads to taskwire_app;
grant select, insert, delete on tw.lists to taskwire_app;
grant update (name, name_key, position, revision, updated_at) on tw.lists to taskwire_app;
grant select, insert, delete on tw.tasks to taskwire_app;
grant update (list_id, title, description, complete, completed_at, priority, tags, tag_keys, due_date, due_time, due_zone,
  due_at, position, revision, updated_at, deleted_at) on tw.tasks to taskwire_app;
grant select, insert on tw.changes to taskwire_app;
grant update (before, after, redacted) on tw.changes to taskwire_app;
grant select, insert on tw.mutations to taskwire_app;
grant update (reply) on tw.mutations to taskwire_app;
grant select, insert, delete on tw.api_keys to taskwire_app;
grant select (id, email, name, created_at) on auth.users to taskwire_app;
grant update (name, updated_at) on auth.users to taskwire_app;
--> statement-breakpoint
grant select, insert, update, delete on all tables in schema auth to taskwire_auth;
--> statement-breakpoint
grant select, insert on tw.user_heads to taskwire_definer;
grant update (revision) on tw.user_heads to taskwire_definer;
grant select, delete on tw.changes, tw.mutations to taskwire_definer;
grant update (reply) on tw.mutations to taskwire_definer;
-- Locking a row needs the right to update some column of it.
grant update (redacted) on tw.changes to taskwire_definer;
grant update (updated_at) on auth.sessions to taskwire_definer;
grant select on tw.api_keys, tw.service_keys to taskwire_definer;
grant select (id, token_hash, user_id, expires_at), delete on auth.sessions to taskwire_definer;
grant select (id), delete on auth.users to taskwire_definer;
--> statement-breakpoint
grant usage on schema tw, auth to taskwire_backup;
grant select on all tables in schema tw, auth to taskwire_backup;
--> statement-breakpoint
-- Handed over last; the right to create in the schema is needed for that alone.
grant create on schema tw to taskwire_definer;
alter function tw.enter(bytea, text, uuid) owner to taskwire_definer;
alter function tw.enter_write(bytea, text, uuid, uuid, bytea) owner to taskwire_definer;
alter function tw.erase_me() owner to taskwire_definer;
alter function tw.sweep(int, int) owner to taskwire_definer;
alter function tw.make_head() owner to taskwire_definer;
revoke create on schema tw from taskwire_definer;
