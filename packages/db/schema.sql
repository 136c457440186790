-- Written by `npm run schema:write` from a freshly migrated database. Do not edit it: read its difference.
-- Everything is owned by taskwire_owner, the functions at the end excepted; roles.sql has the roles.

set check_function_bodies = off;
set role taskwire_owner;

create schema auth;
grant usage on schema auth to taskwire_app;
grant usage on schema auth to taskwire_auth;
grant usage on schema auth to taskwire_backup;
grant usage on schema auth to taskwire_definer;
create schema tw;
grant usage on schema tw to taskwire_app;
grant usage on schema tw to taskwire_backup;
grant usage on schema tw to taskwire_definer;
create schema tw_migrations;
grant usage on schema tw_migrations to taskwire_app;
grant usage on schema tw_migrations to taskwire_backup;
alter default privileges for role taskwire_owner revoke execute on functions from public;

CREATE OR REPLACE FUNCTION tw.me()
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid;
grant execute on function tw.me() to taskwire_app;
grant execute on function tw.me() to taskwire_definer;

CREATE OR REPLACE FUNCTION tw.valid_tags(tags text[], keys text[], most integer, longest integer)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((cardinality(tags) <= most) AND (cardinality(tags) = cardinality(keys)) AND COALESCE(((array_ndims(tags) = 1) AND (array_lower(tags, 1) = 1) AND (array_ndims(keys) = 1) AND (array_lower(keys, 1) = 1)), true) AND ((SELECT count(DISTINCT k.k) AS count FROM unnest(valid_tags.keys) k(k)) = cardinality(keys)) AND COALESCE((SELECT bool_and(((t.t IS NOT NULL) AND ((char_length(t.t) >= 1) AND (char_length(t.t) <= valid_tags.longest)) AND (t.t IS NFC NORMALIZED) AND (t.t !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]'::text) AND (t.t = btrim(t.t, U&'\0020\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\2028\2029\202f\205f\3000\feff'::text)))) AS bool_and FROM unnest(valid_tags.tags) t(t)), true));
grant execute on function tw.valid_tags(text[],text[],integer,integer) to taskwire_app;

create sequence tw_migrations.applied_id_seq as integer increment 1 minvalue 1 maxvalue 2147483647 start 1 cache 1;
grant select on sequence tw_migrations.applied_id_seq to taskwire_backup;

create table auth.accounts (
  id uuid default gen_random_uuid() not null,
  user_id uuid not null,
  provider_id text not null,
  account_id text not null,
  password text,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamp(3) with time zone,
  refresh_token_expires_at timestamp(3) with time zone,
  scope text,
  created_at timestamp(3) with time zone default now() not null,
  updated_at timestamp(3) with time zone default now() not null,
  constraint accounts_pkey PRIMARY KEY (id),
  constraint accounts_provider_id_account_id_key UNIQUE (provider_id, account_id)
);
CREATE INDEX accounts_user_id_idx ON auth.accounts USING btree (user_id);
alter table auth.accounts enable row level security;
alter table auth.accounts force row level security;
create policy accounts_auth on auth.accounts for all to taskwire_auth using (true) with check (true);
create policy accounts_backup on auth.accounts for select to taskwire_backup using (true);
create policy accounts_definer on auth.accounts for all to taskwire_definer using (true) with check (true);
create policy accounts_owner on auth.accounts for all to taskwire_owner using (true) with check (true);
grant delete, insert, select, update on table auth.accounts to taskwire_auth;
grant select on table auth.accounts to taskwire_backup;

create table auth.sessions (
  id uuid default gen_random_uuid() not null,
  user_id uuid not null,
  token_hash bytea not null,
  expires_at timestamp(3) with time zone not null,
  ip_address text,
  user_agent text,
  created_at timestamp(3) with time zone default now() not null,
  updated_at timestamp(3) with time zone default now() not null,
  constraint sessions_pkey PRIMARY KEY (id),
  constraint sessions_token_hash_key UNIQUE (token_hash),
  constraint sessions_token_hash_check CHECK ((octet_length(token_hash) = 32))
);
CREATE INDEX sessions_expires_at_idx ON auth.sessions USING btree (expires_at);
CREATE INDEX sessions_user_id_idx ON auth.sessions USING btree (user_id);
alter table auth.sessions enable row level security;
alter table auth.sessions force row level security;
create policy sessions_auth on auth.sessions for all to taskwire_auth using (true) with check (true);
create policy sessions_backup on auth.sessions for select to taskwire_backup using (true);
create policy sessions_definer on auth.sessions for all to taskwire_definer using (true) with check (true);
create policy sessions_owner on auth.sessions for all to taskwire_owner using (true) with check (true);
grant delete, insert, select, update on table auth.sessions to taskwire_auth;
grant select on table auth.sessions to taskwire_backup;
grant delete, select (expires_at, id, token_hash, user_id), update (updated_at) on table auth.sessions to taskwire_definer;

create table auth.users (
  id uuid default gen_random_uuid() not null,
  name text not null,
  email text not null,
  email_verified boolean default false not null,
  image text,
  created_at timestamp(3) with time zone default now() not null,
  updated_at timestamp(3) with time zone default now() not null,
  constraint users_pkey PRIMARY KEY (id),
  constraint users_email_key UNIQUE (email),
  constraint users_email_check CHECK (((email = lower(email)) AND ((char_length(email) >= 3) AND (char_length(email) <= 320)))),
  constraint users_name_check CHECK ((((char_length(name) >= 1) AND (char_length(name) <= 100)) AND (name IS NFC NORMALIZED) AND (name !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]'::text) AND (name = btrim(name, U&'\0020\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\2028\2029\202f\205f\3000\feff'::text))))
);
alter table auth.users enable row level security;
alter table auth.users force row level security;
create policy users_app on auth.users for all to taskwire_app using ((id = tw.me())) with check ((id = tw.me()));
create policy users_auth on auth.users for all to taskwire_auth using (true) with check (true);
create policy users_backup on auth.users for select to taskwire_backup using (true);
create policy users_definer on auth.users for all to taskwire_definer using (true) with check (true);
create policy users_owner on auth.users for all to taskwire_owner using (true) with check (true);
grant select (created_at, email, id, name), update (name, updated_at) on table auth.users to taskwire_app;
grant delete, insert, select, update on table auth.users to taskwire_auth;
grant select on table auth.users to taskwire_backup;
grant delete, select (id) on table auth.users to taskwire_definer;

create table auth.verifications (
  id uuid default gen_random_uuid() not null,
  identifier text not null,
  value text not null,
  expires_at timestamp(3) with time zone not null,
  created_at timestamp(3) with time zone default now() not null,
  updated_at timestamp(3) with time zone default now() not null,
  constraint verifications_pkey PRIMARY KEY (id)
);
CREATE INDEX verifications_identifier_idx ON auth.verifications USING btree (identifier);
alter table auth.verifications enable row level security;
alter table auth.verifications force row level security;
create policy verifications_auth on auth.verifications for all to taskwire_auth using (true) with check (true);
create policy verifications_backup on auth.verifications for select to taskwire_backup using (true);
create policy verifications_definer on auth.verifications for all to taskwire_definer using (true) with check (true);
create policy verifications_owner on auth.verifications for all to taskwire_owner using (true) with check (true);
grant delete, insert, select, update on table auth.verifications to taskwire_auth;
grant select on table auth.verifications to taskwire_backup;

create table tw.api_keys (
  user_id uuid not null,
  id uuid not null,
  name text not null,
  scopes text[] not null,
  secret_hash bytea not null,
  created_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone,
  constraint api_keys_pkey PRIMARY KEY (user_id, id),
  constraint api_keys_name_check CHECK ((((char_length(name) >= 1) AND (char_length(name) <= 100)) AND (name IS NFC NORMALIZED) AND (name !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]'::text) AND (name = btrim(name, U&'\0020\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\2028\2029\202f\205f\3000\feff'::text)))),
  constraint api_keys_scopes_check CHECK (((scopes <@ ARRAY['tasks:read'::text, 'tasks:write'::text, 'account'::text]) AND (cardinality(scopes) > 0))),
  constraint api_keys_secret_hash_check CHECK ((octet_length(secret_hash) = 32))
);
CREATE INDEX api_keys_secret_hash_idx ON tw.api_keys USING btree (secret_hash);
alter table tw.api_keys enable row level security;
alter table tw.api_keys force row level security;
create policy api_keys_app on tw.api_keys for all to taskwire_app using ((user_id = tw.me())) with check ((user_id = tw.me()));
create policy api_keys_backup on tw.api_keys for select to taskwire_backup using (true);
create policy api_keys_definer on tw.api_keys for all to taskwire_definer using (true) with check (true);
create policy api_keys_owner on tw.api_keys for all to taskwire_owner using (true) with check (true);
grant delete, insert, select on table tw.api_keys to taskwire_app;
grant select on table tw.api_keys to taskwire_backup;
grant select on table tw.api_keys to taskwire_definer;

create table tw.changes (
  user_id uuid not null,
  revision bigint not null,
  commit bigint not null,
  at timestamp(3) with time zone not null,
  mutation_id uuid,
  request_id text,
  actor_kind text not null,
  actor_key_id uuid,
  action text not null,
  entity text not null,
  entity_id uuid not null,
  before jsonb,
  after jsonb,
  redacted boolean default false not null,
  constraint changes_pkey PRIMARY KEY (user_id, revision),
  constraint changes_before_after_check CHECK (((before IS NOT NULL) OR (after IS NOT NULL))),
  constraint changes_commit_check CHECK (((commit >= revision) AND (revision > 0)))
);
CREATE INDEX changes_at_idx ON tw.changes USING btree (at);
CREATE INDEX changes_entity_id_idx ON tw.changes USING btree (user_id, entity_id);
alter table tw.changes enable row level security;
alter table tw.changes force row level security;
create policy changes_app on tw.changes for all to taskwire_app using ((user_id = tw.me())) with check ((user_id = tw.me()));
create policy changes_backup on tw.changes for select to taskwire_backup using (true);
create policy changes_definer on tw.changes for all to taskwire_definer using (true) with check (true);
create policy changes_owner on tw.changes for all to taskwire_owner using (true) with check (true);
grant insert, select, update (after, before, redacted) on table tw.changes to taskwire_app;
grant select on table tw.changes to taskwire_backup;
grant delete, select, update (redacted) on table tw.changes to taskwire_definer;

create table tw.lists (
  user_id uuid not null,
  id uuid not null,
  name text not null,
  name_key text not null,
  "position" text collate "C" not null,
  revision bigint not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint lists_pkey PRIMARY KEY (user_id, id),
  constraint lists_name_key UNIQUE (user_id, name_key),
  constraint lists_position_key UNIQUE (user_id, "position"),
  constraint lists_id_check CHECK ((id <> user_id)),
  constraint lists_name_check CHECK ((((char_length(name) >= 1) AND (char_length(name) <= 100)) AND (name IS NFC NORMALIZED) AND (name !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]'::text) AND (name = btrim(name, U&'\0020\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\2028\2029\202f\205f\3000\feff'::text)))),
  constraint lists_position_check CHECK (("position" ~ '^[0-9a-f]{8}([0-9a-f]*[1-9a-f])?$'::text)),
  constraint lists_revision_check CHECK ((revision > 0))
);
alter table tw.lists enable row level security;
alter table tw.lists force row level security;
create policy lists_app on tw.lists for all to taskwire_app using ((user_id = tw.me())) with check ((user_id = tw.me()));
create policy lists_backup on tw.lists for select to taskwire_backup using (true);
create policy lists_definer on tw.lists for all to taskwire_definer using (true) with check (true);
create policy lists_owner on tw.lists for all to taskwire_owner using (true) with check (true);
grant delete, insert, select, update ("position", name, name_key, revision, updated_at) on table tw.lists to taskwire_app;
grant select on table tw.lists to taskwire_backup;

create table tw.mutations (
  user_id uuid not null,
  mutation_id uuid not null,
  payload_hash bytea not null,
  reply json,
  revision bigint not null,
  at timestamp(3) with time zone not null,
  unchanged_id uuid,
  constraint mutations_pkey PRIMARY KEY (user_id, mutation_id),
  constraint mutations_payload_hash_check CHECK ((octet_length(payload_hash) = 32))
);
CREATE INDEX mutations_at_idx ON tw.mutations USING btree (at);
CREATE INDEX mutations_reply_idx ON tw.mutations USING btree (at) WHERE (reply IS NOT NULL);
CREATE INDEX mutations_unchanged_id_idx ON tw.mutations USING btree (user_id, unchanged_id) WHERE (unchanged_id IS NOT NULL);
alter table tw.mutations enable row level security;
alter table tw.mutations force row level security;
create policy mutations_app on tw.mutations for all to taskwire_app using ((user_id = tw.me())) with check ((user_id = tw.me()));
create policy mutations_backup on tw.mutations for select to taskwire_backup using (true);
create policy mutations_definer on tw.mutations for all to taskwire_definer using (true) with check (true);
create policy mutations_owner on tw.mutations for all to taskwire_owner using (true) with check (true);
grant insert, select, update (reply) on table tw.mutations to taskwire_app;
grant select on table tw.mutations to taskwire_backup;
grant delete, select, update (reply) on table tw.mutations to taskwire_definer;

create table tw.service_keys (
  id uuid not null,
  name text not null,
  scopes text[] not null,
  secret_hash bytea not null,
  created_at timestamp(3) with time zone default now() not null,
  expires_at timestamp(3) with time zone,
  constraint service_keys_pkey PRIMARY KEY (id),
  constraint service_keys_name_key UNIQUE (name),
  constraint service_keys_secret_hash_key UNIQUE (secret_hash),
  constraint service_keys_name_check CHECK ((((char_length(name) >= 1) AND (char_length(name) <= 100)) AND (name IS NFC NORMALIZED) AND (name !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]'::text) AND (name = btrim(name, U&'\0020\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\2028\2029\202f\205f\3000\feff'::text)))),
  constraint service_keys_scopes_check CHECK (((scopes <@ ARRAY['tasks:read'::text, 'tasks:write'::text]) AND (cardinality(scopes) > 0))),
  constraint service_keys_secret_hash_check CHECK ((octet_length(secret_hash) = 32))
);
alter table tw.service_keys enable row level security;
alter table tw.service_keys force row level security;
create policy service_keys_backup on tw.service_keys for select to taskwire_backup using (true);
create policy service_keys_definer on tw.service_keys for all to taskwire_definer using (true) with check (true);
create policy service_keys_owner on tw.service_keys for all to taskwire_owner using (true) with check (true);
grant select on table tw.service_keys to taskwire_backup;
grant select on table tw.service_keys to taskwire_definer;

create table tw.tasks (
  user_id uuid not null,
  id uuid not null,
  list_id uuid,
  title text not null,
  description text,
  complete boolean default false not null,
  completed_at timestamp(3) with time zone,
  priority smallint default 0 not null,
  tags text[] default '{}'::text[] not null,
  tag_keys text[] default '{}'::text[] not null,
  due_date date,
  due_time time(0) without time zone,
  due_zone text,
  due_at timestamp(3) with time zone,
  "position" text collate "C" not null,
  revision bigint not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  deleted_at timestamp(3) with time zone,
  constraint tasks_pkey PRIMARY KEY (user_id, id),
  constraint tasks_completed_at_check CHECK ((complete = (completed_at IS NOT NULL))),
  constraint tasks_description_check CHECK (((char_length(description) <= 1000) AND (description IS NFC NORMALIZED))),
  constraint tasks_due_at_check CHECK ((((due_at >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (due_at <= '9999-12-31 23:59:59.999+00'::timestamp with time zone)) AND ((due_time IS NOT NULL) OR (due_at = ((due_date)::timestamp without time zone AT TIME ZONE 'UTC'::text))))),
  constraint tasks_due_check CHECK ((((due_date IS NULL) = (due_at IS NULL)) AND ((due_time IS NULL) = (due_zone IS NULL)) AND ((due_date IS NOT NULL) OR (due_time IS NULL)))),
  constraint tasks_due_date_check CHECK (((due_date >= '0001-01-01'::date) AND (due_date <= '9999-12-31'::date))),
  constraint tasks_due_time_check CHECK (((EXTRACT(second FROM due_time) = (0)::numeric) AND (due_time < '24:00:00'::time without time zone))),
  constraint tasks_due_zone_check CHECK (((char_length(due_zone) >= 1) AND (char_length(due_zone) <= 100))),
  constraint tasks_position_check CHECK (("position" ~ '^[0-9a-f]{8}([0-9a-f]*[1-9a-f])?$'::text)),
  constraint tasks_priority_check CHECK (((priority >= 0) AND (priority <= 4))),
  constraint tasks_revision_check CHECK ((revision > 0)),
  constraint tasks_tags_check CHECK (tw.valid_tags(tags, tag_keys, 10, 50)),
  constraint tasks_title_check CHECK ((((char_length(title) >= 1) AND (char_length(title) <= 200)) AND (title IS NFC NORMALIZED) AND (title !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]'::text) AND (title = btrim(title, U&'\0020\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\2028\2029\202f\205f\3000\feff'::text)))),
  constraint tasks_updated_at_check CHECK ((updated_at >= created_at))
) with (fillfactor=90);
CREATE INDEX tasks_created_at_idx ON tw.tasks USING btree (user_id, created_at, id) WHERE (deleted_at IS NULL);
CREATE INDEX tasks_due_at_idx ON tw.tasks USING btree (user_id, (
CASE
    WHEN (due_at IS NULL) THEN 'infinity'::timestamp with time zone
    ELSE due_at
END), id) WHERE (deleted_at IS NULL);
CREATE INDEX tasks_list_id_idx ON tw.tasks USING btree (user_id, list_id) WHERE (list_id IS NOT NULL);
CREATE UNIQUE INDEX tasks_position_key ON tw.tasks USING btree (user_id, (
CASE
    WHEN (list_id IS NULL) THEN user_id
    ELSE list_id
END), "position") WHERE (deleted_at IS NULL);
alter table tw.tasks enable row level security;
alter table tw.tasks force row level security;
create policy tasks_app on tw.tasks for all to taskwire_app using ((user_id = tw.me())) with check ((user_id = tw.me()));
create policy tasks_backup on tw.tasks for select to taskwire_backup using (true);
create policy tasks_definer on tw.tasks for all to taskwire_definer using (true) with check (true);
create policy tasks_owner on tw.tasks for all to taskwire_owner using (true) with check (true);
grant delete, insert, select, update ("position", complete, completed_at, deleted_at, description, due_at, due_date, due_time, due_zone, list_id, priority, revision, tag_keys, tags, title, updated_at) on table tw.tasks to taskwire_app;
grant select on table tw.tasks to taskwire_backup;

create table tw.user_heads (
  user_id uuid not null,
  revision bigint default 0 not null,
  changed_at timestamp(3) with time zone default now() not null,
  time_zone text default 'UTC'::text not null,
  constraint user_heads_pkey PRIMARY KEY (user_id),
  constraint user_heads_revision_check CHECK ((revision >= 0)),
  constraint user_heads_time_zone_check CHECK (((char_length(time_zone) >= 1) AND (char_length(time_zone) <= 100)))
) with (fillfactor=50);
alter table tw.user_heads enable row level security;
alter table tw.user_heads force row level security;
create policy user_heads_app on tw.user_heads for all to taskwire_app using ((user_id = tw.me())) with check ((user_id = tw.me()));
create policy user_heads_backup on tw.user_heads for select to taskwire_backup using (true);
create policy user_heads_definer on tw.user_heads for all to taskwire_definer using (true) with check (true);
create policy user_heads_owner on tw.user_heads for all to taskwire_owner using (true) with check (true);
grant select, update (changed_at, revision, time_zone) on table tw.user_heads to taskwire_app;
grant select on table tw.user_heads to taskwire_backup;
grant insert, select, update (revision) on table tw.user_heads to taskwire_definer;

create table tw_migrations.applied (
  id integer default nextval('tw_migrations.applied_id_seq'::regclass) not null,
  hash text not null,
  created_at bigint,
  name text,
  applied_at timestamp with time zone default now(),
  constraint applied_pkey PRIMARY KEY (id)
);
grant select on table tw_migrations.applied to taskwire_app;
grant select on table tw_migrations.applied to taskwire_backup;

alter table auth.accounts add constraint accounts_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE;
alter table auth.sessions add constraint sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE;
alter table tw.api_keys add constraint api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES tw.user_heads(user_id) ON DELETE CASCADE;
alter table tw.changes add constraint changes_user_id_fkey FOREIGN KEY (user_id) REFERENCES tw.user_heads(user_id) ON DELETE CASCADE;
alter table tw.lists add constraint lists_user_id_fkey FOREIGN KEY (user_id) REFERENCES tw.user_heads(user_id) ON DELETE CASCADE;
alter table tw.mutations add constraint mutations_user_id_fkey FOREIGN KEY (user_id) REFERENCES tw.user_heads(user_id) ON DELETE CASCADE;
alter table tw.tasks add constraint tasks_list_id_fkey FOREIGN KEY (user_id, list_id) REFERENCES tw.lists(user_id, id);
alter table tw.tasks add constraint tasks_user_id_fkey FOREIGN KEY (user_id) REFERENCES tw.user_heads(user_id) ON DELETE CASCADE;
alter table tw.user_heads add constraint user_heads_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE;
alter sequence tw_migrations.applied_id_seq owned by tw_migrations.applied.id;

CREATE OR REPLACE FUNCTION tw.iso(t timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN to_char((t AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'::text);
grant execute on function tw.iso(timestamp with time zone) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.change_json(c tw.changes)
 RETURNS json
 LANGUAGE sql
 STABLE
RETURN json_build_object('revision', (c).revision, 'commit', (c).commit, 'at', tw.iso((c).at), 'mutationId', (c).mutation_id, 'requestId', (c).request_id, 'actor', json_build_object('kind', (c).actor_kind, 'userId', (c).user_id, 'keyId', (c).actor_key_id), 'action', (c).action, 'entity', (c).entity, 'entityId', (c).entity_id, 'before', (c).before, 'after', (c).after, 'redacted', (c).redacted);
grant execute on function tw.change_json(tw.changes) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.differences(was json, now_is json)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (SELECT jsonb_build_object('before', COALESCE(jsonb_object_agg(x.key, x.was_value), '{}'::jsonb), 'after', COALESCE(jsonb_object_agg(x.key, x.value), '{}'::jsonb)) AS jsonb_build_object FROM ROWS FROM(json_each(differences.was), json_each(differences.now_is)) x(key, was_value, same_key, value) WHERE (((x.was_value)::text <> (x.value)::text) AND (x.key <> ALL (ARRAY['revision'::text, 'updatedAt'::text]))));
grant execute on function tw.differences(json,json) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.due_at(d date, t time without time zone, zone_name text)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 STABLE
AS $function$
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
end $function$;
grant execute on function tw.due_at(date,time without time zone,text) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.enter(credential bytea, need text, acting uuid)
 RETURNS TABLE(user_id uuid, expires_at timestamp with time zone, actor_kind text, actor_key uuid)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
end $function$;
grant execute on function tw.enter(bytea,text,uuid) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.enter_write(credential bytea, need text, acting uuid, mutation uuid, payload bytea)
 RETURNS TABLE(user_id uuid, expires_at timestamp with time zone, replayed boolean, reply json, revision bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
end $function$;
grant execute on function tw.enter_write(bytea,text,uuid,uuid,bytea) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.erase_me()
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  u uuid := tw.me();
begin
  perform from tw.user_heads h where h.user_id = u for update;
  delete from auth.users where id = u;
  return u;
end $function$;
grant execute on function tw.erase_me() to taskwire_app;

CREATE OR REPLACE FUNCTION tw.fraction_between(a text, b text)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
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
end $function$;
grant execute on function tw.fraction_between(text,text) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.free_positions(ids uuid[], lists uuid[], wanted text[])
 RETURNS TABLE(id uuid, place text)
 LANGUAGE sql
 STABLE
AS $function$
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
$function$;
grant execute on function tw.free_positions(uuid[],uuid[],text[]) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.holds(now_is json, after jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
declare
  n jsonb := now_is;
begin
  return not exists (select from jsonb_each(after) a where n->a.key is distinct from a.value and a.key not in ('revision', 'updatedAt'));
end $function$;
grant execute on function tw.holds(json,jsonb) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.insert_tasks(drafts jsonb, base bigint, at timestamp with time zone)
 RETURNS SETOF tw.tasks
 LANGUAGE plpgsql
AS $function$
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
end $function$;
grant execute on function tw.insert_tasks(jsonb,bigint,timestamp with time zone) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.key_json(k tw.api_keys)
 RETURNS json
 LANGUAGE sql
 STABLE
RETURN json_build_object('id', (k).id, 'name', (k).name, 'scopes', (k).scopes, 'createdAt', tw.iso((k).created_at), 'expiresAt', tw.iso((k).expires_at));
grant execute on function tw.key_json(tw.api_keys) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.list_json(l tw.lists)
 RETURNS json
 LANGUAGE sql
 STABLE
RETURN json_build_object('id', (l).id, 'name', (l).name, 'position', (l)."position", 'revision', (l).revision, 'createdAt', tw.iso((l).created_at), 'updatedAt', tw.iso((l).updated_at));
grant execute on function tw.list_json(tw.lists) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.live()
 RETURNS boolean
 LANGUAGE sql
 STABLE
RETURN (current_setting('app.replay'::text, true) IS DISTINCT FROM '1'::text);
grant execute on function tw.live() to taskwire_app;

CREATE OR REPLACE FUNCTION tw.make_head()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  insert into tw.user_heads (user_id) values (new.id);
  return new;
end $function$;

CREATE OR REPLACE FUNCTION tw.place_list(placed boolean, after uuid, self uuid)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
AS $function$
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
end $function$;
grant execute on function tw.place_list(boolean,uuid,uuid) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.place_tasks(list uuid, placed boolean, after uuid, self uuid, n integer)
 RETURNS text[]
 LANGUAGE plpgsql
 STABLE
AS $function$
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
end $function$;
grant execute on function tw.place_tasks(uuid,boolean,uuid,uuid,integer) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.position_behind(list uuid, n bigint)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  shelf uuid := case when list is null then tw.me() else list end; last text collate "C";
begin
  select max(t.position) into last from tw.tasks t
    where t.user_id = tw.me() and case when t.list_id is null then t.user_id else t.list_id end = shelf and t.deleted_at is null;
  return tw.position_text(n + coalesce(tw.position_integer(last), 2147483647));
end $function$;
grant execute on function tw.position_behind(uuid,bigint) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.position_between(a text, b text)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
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
end $function$;
grant execute on function tw.position_between(text,text) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.position_integer(p text)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((('x'::text || lpad("left"(p, 8), 16, '0'::text)))::bit(64))::bigint;
grant execute on function tw.position_integer(text) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.position_text(n bigint)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
begin
  -- Two thousand million tasks were placed last, or first, in one list.
  if n not between 0 and 4294967295 then raise exception using errcode = 'TW507', message = 'no room'; end if;
  return lpad(to_hex(n), 8, '0');
end $function$;
grant execute on function tw.position_text(bigint) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.positions_between(a text, b text, n integer)
 RETURNS text[]
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
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
end $function$;
grant execute on function tw.positions_between(text,text,integer) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.priority_rank(priority text)
 RETURNS smallint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (array_position(ARRAY['none'::text, 'low'::text, 'medium'::text, 'high'::text, 'urgent'::text], priority) - 1);
grant execute on function tw.priority_rank(text) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.sweep(change_days integer, most integer)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
end $function$;
grant execute on function tw.sweep(integer,integer) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.task_json(t tw.tasks)
 RETURNS json
 LANGUAGE sql
 STABLE
RETURN json_build_object('id', (t).id, 'userId', (t).user_id, 'listId', (t).list_id, 'title', (t).title, 'description', (t).description, 'complete', (t).complete, 'completedAt', tw.iso((t).completed_at), 'priority', (ARRAY['none'::text, 'low'::text, 'medium'::text, 'high'::text, 'urgent'::text])[((t).priority + 1)], 'tags', (t).tags, 'due', CASE WHEN ((t).due_time IS NOT NULL) THEN json_build_object('date', (t).due_date, 'time', "left"(((t).due_time)::text, 5), 'timeZone', (t).due_zone) WHEN ((t).due_date IS NOT NULL) THEN json_build_object('date', (t).due_date) ELSE NULL::json END, 'dueAt', tw.iso((t).due_at), 'position', (t)."position", 'revision', (t).revision, 'createdAt', tw.iso((t).created_at), 'updatedAt', tw.iso((t).updated_at), 'deletedAt', tw.iso((t).deleted_at));
grant execute on function tw.task_json(tw.tasks) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.zone(name text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE upper(name) WHEN 'CET'::text THEN 'Europe/Brussels'::text WHEN 'MET'::text THEN 'Europe/Brussels'::text WHEN 'EET'::text THEN 'Europe/Athens'::text WHEN 'WET'::text THEN 'Europe/Lisbon'::text WHEN 'EST'::text THEN 'America/Panama'::text WHEN 'MST'::text THEN 'America/Phoenix'::text WHEN 'HST'::text THEN 'Pacific/Honolulu'::text ELSE name END;
grant execute on function tw.zone(text) to taskwire_app;

CREATE TRIGGER users_make_head AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION tw.make_head();

reset role;
alter function tw.enter(bytea,text,uuid) owner to taskwire_definer;
alter function tw.enter_write(bytea,text,uuid,uuid,bytea) owner to taskwire_definer;
alter function tw.erase_me() owner to taskwire_definer;
alter function tw.make_head() owner to taskwire_definer;
alter function tw.sweep(integer,integer) owner to taskwire_definer;
