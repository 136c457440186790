-- Written by `npm run schema:write` from a freshly migrated database. Do not edit; review its diff.
-- taskwire_owner owns everything except the functions listed at the end; roles.sql creates the roles.

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

CREATE OR REPLACE FUNCTION tw.account()
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (CASE WHEN (current_setting('app.account'::text, true) <> ''::text) THEN current_setting('app.account'::text, true) ELSE '00000000-0000-0000-0000-000000000000'::text END)::uuid;
grant execute on function tw.account() to taskwire_app;
grant execute on function tw.account() to taskwire_definer;

CREATE OR REPLACE FUNCTION tw.are_distinct(keys text[])
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
begin
  if array_ndims(keys) <> 1 or array_lower(keys, 1) <> 1 or array_position(keys, null) is not null then return false; end if;
  for i in 2..cardinality(keys) loop
    if keys[i] = any (keys[:i - 1]) then return false; end if;
  end loop;
  return true;
end $function$;
grant execute on function tw.are_distinct(text[]) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.are_tags(tags text[], most integer, longest integer)
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
declare
  t text;
begin
  if cardinality(tags) > most or array_ndims(tags) <> 1 or array_lower(tags, 1) <> 1 then return false; end if;
  foreach t in array tags loop
    if t is null or not tw.is_line(t, longest) then return false; end if;
  end loop;
  return true;
end $function$;
grant execute on function tw.are_tags(text[],integer,integer) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.is_line(line text, most integer)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (((char_length(line) >= 1) AND (char_length(line) <= most)) AND (line IS NFC NORMALIZED) AND (line !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]'::text) AND (line = btrim(line, U&'\0020\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\2028\2029\202f\205f\3000\feff'::text)));
grant execute on function tw.is_line(text,integer) to taskwire_app;
grant execute on function tw.is_line(text,integer) to taskwire_auth;
grant execute on function tw.is_line(text,integer) to taskwire_definer;

CREATE OR REPLACE FUNCTION tw.search_vector(u uuid, title text, description text)
 RETURNS tsvector
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
declare
  k constant text := tw.search_key(u);
begin
  return array_to_tsvector(array(select k || t from unnest(tw.search_terms(tw.folded(title, description))) t));
end $function$;
grant execute on function tw.search_vector(uuid,text,text) to taskwire_app;
grant execute on function tw.search_vector(uuid,text,text) to taskwire_definer;

CREATE OR REPLACE FUNCTION tw.space()
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (CASE WHEN (current_setting('app.space'::text, true) <> ''::text) THEN current_setting('app.space'::text, true) ELSE '00000000-0000-0000-0000-000000000000'::text END)::uuid;
grant execute on function tw.space() to taskwire_app;
grant execute on function tw.space() to taskwire_definer;

create domain tw."position" as text collate "C"
  constraint position_check CHECK ((VALUE ~ '^[0-9a-f]{8}([0-9a-f]*[1-9a-f])?$'::text));
grant usage on type tw."position" to public;

create domain tw.account_name as text
  constraint account_name_check CHECK (tw.is_line(VALUE, 100));
grant usage on type tw.account_name to public;

create domain tw.description as text
  constraint description_check CHECK (((char_length(VALUE) <= 1000) AND (VALUE IS NFC NORMALIZED)));
grant usage on type tw.description to public;

create domain tw.due_date as date
  constraint due_date_check CHECK (((VALUE >= '0001-01-01'::date) AND (VALUE <= '9999-12-31'::date)));
grant usage on type tw.due_date to public;

create domain tw.due_instant as timestamp(3) with time zone
  constraint due_instant_check CHECK (((VALUE >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (VALUE <= '9999-12-31 23:59:59.999+00'::timestamp with time zone)));
grant usage on type tw.due_instant to public;

create domain tw.due_time as time(0) without time zone
  constraint due_time_check CHECK (((EXTRACT(second FROM VALUE) = (0)::numeric) AND (VALUE < '24:00:00'::time without time zone)));
grant usage on type tw.due_time to public;

create domain tw.email as text
  constraint email_check CHECK (((VALUE = lower(VALUE)) AND ((char_length(VALUE) >= 3) AND (char_length(VALUE) <= 320))));
grant usage on type tw.email to public;

create domain tw.external_id as text
  constraint external_id_check CHECK (tw.is_line(VALUE, 200));
grant usage on type tw.external_id to public;

create domain tw.head as bigint
  constraint head_check CHECK ((VALUE >= 0));
grant usage on type tw.head to public;

create domain tw.key_name as text
  constraint key_name_check CHECK (tw.is_line(VALUE, 100));
grant usage on type tw.key_name to public;

create domain tw.list_name as text
  constraint list_name_check CHECK (tw.is_line(VALUE, 100));
grant usage on type tw.list_name to public;

create domain tw.priority as smallint
  constraint priority_check CHECK (((VALUE >= 0) AND (VALUE <= 4)));
grant usage on type tw.priority to public;

create domain tw.revision as bigint
  constraint revision_check CHECK ((VALUE > 0));
grant usage on type tw.revision to public;

create domain tw.scopes as text[]
  constraint scopes_check CHECK (((VALUE <@ ARRAY['tasks:read'::text, 'tasks:write'::text, 'account'::text]) AND (cardinality(VALUE) > 0)));
grant usage on type tw.scopes to public;

create domain tw.service_scopes as text[]
  constraint service_scopes_check CHECK (((VALUE <@ ARRAY['tasks:read'::text, 'tasks:write'::text, 'users'::text]) AND (cardinality(VALUE) > 0)));
grant usage on type tw.service_scopes to public;

create domain tw.sha256 as bytea
  constraint sha256_check CHECK ((octet_length(VALUE) = 32));
grant usage on type tw.sha256 to public;

create domain tw.space_kind as text
  constraint space_kind_check CHECK ((VALUE = 'personal'::text));
grant usage on type tw.space_kind to public;

create domain tw.space_name as text
  constraint space_name_check CHECK (tw.is_line(VALUE, 100));
grant usage on type tw.space_name to public;

create domain tw.tag_keys as text[]
  constraint tag_keys_check CHECK (((VALUE = '{}'::text[]) OR tw.are_distinct(VALUE)));
grant usage on type tw.tag_keys to public;

create domain tw.tags as text[]
  constraint tags_check CHECK (((VALUE = '{}'::text[]) OR tw.are_tags(VALUE, 10, 50)));
grant usage on type tw.tags to public;

create domain tw.time_zone as text
  constraint time_zone_check CHECK (((char_length(VALUE) >= 1) AND (char_length(VALUE) <= 100)));
grant usage on type tw.time_zone to public;

create domain tw.title as text
  constraint title_check CHECK (tw.is_line(VALUE, 200));
grant usage on type tw.title to public;

create sequence tw_migrations.applied_id_seq as integer increment 1 minvalue 1 maxvalue 2147483647 start 1 cache 1;
grant select on sequence tw_migrations.applied_id_seq to taskwire_backup;

create table auth.accounts (
  id uuid default gen_random_uuid() not null,
  user_id uuid not null,
  provider_id text not null,
  account_id text not null,
  password text,
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

create table auth.password_resets (
  user_id uuid not null,
  token_hash tw.sha256 not null,
  expires_at timestamp(3) with time zone not null,
  constraint password_resets_pkey PRIMARY KEY (user_id),
  constraint password_resets_token_hash_key UNIQUE (token_hash)
);
alter table auth.password_resets enable row level security;
alter table auth.password_resets force row level security;
create policy password_resets_auth on auth.password_resets for all to taskwire_auth using (true) with check (true);
create policy password_resets_backup on auth.password_resets for select to taskwire_backup using (true);
create policy password_resets_definer on auth.password_resets for all to taskwire_definer using (true) with check (true);
create policy password_resets_owner on auth.password_resets for all to taskwire_owner using (true) with check (true);
grant delete, insert, select, update on table auth.password_resets to taskwire_auth;
grant select on table auth.password_resets to taskwire_backup;

create table auth.sessions (
  id uuid default gen_random_uuid() not null,
  user_id uuid not null,
  token_hash tw.sha256 not null,
  expires_at timestamp(3) with time zone not null,
  ip_address text,
  user_agent text,
  created_at timestamp(3) with time zone default now() not null,
  updated_at timestamp(3) with time zone default now() not null,
  constraint sessions_pkey PRIMARY KEY (id),
  constraint sessions_token_hash_key UNIQUE (token_hash)
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

create table auth.sign_in_attempts (
  key tw.sha256 not null,
  spent_until timestamp(3) with time zone not null,
  constraint sign_in_attempts_pkey PRIMARY KEY (key)
);
CREATE INDEX sign_in_attempts_spent_until_idx ON auth.sign_in_attempts USING btree (spent_until);
alter table auth.sign_in_attempts enable row level security;
alter table auth.sign_in_attempts force row level security;
create policy sign_in_attempts_auth on auth.sign_in_attempts for all to taskwire_auth using (true) with check (true);
create policy sign_in_attempts_backup on auth.sign_in_attempts for select to taskwire_backup using (true);
create policy sign_in_attempts_definer on auth.sign_in_attempts for all to taskwire_definer using (true) with check (true);
create policy sign_in_attempts_owner on auth.sign_in_attempts for all to taskwire_owner using (true) with check (true);
grant delete, insert, select, update on table auth.sign_in_attempts to taskwire_auth;
grant select on table auth.sign_in_attempts to taskwire_backup;

create table auth.users (
  id uuid default gen_random_uuid() not null,
  name tw.account_name not null,
  email tw.email,
  external_id tw.external_id,
  issuer tw.sha256,
  disabled_at timestamp(3) with time zone,
  email_verified boolean default false not null,
  image text,
  time_zone tw.time_zone default 'UTC'::text not null,
  created_at timestamp(3) with time zone default now() not null,
  updated_at timestamp(3) with time zone default now() not null,
  constraint users_pkey PRIMARY KEY (id),
  constraint users_external_id_key UNIQUE (external_id),
  constraint users_email_external_id_check CHECK (((email IS NOT NULL) OR (external_id IS NOT NULL))),
  constraint users_id_check CHECK ((id <> '00000000-0000-0000-0000-000000000000'::uuid)),
  constraint users_issuer_external_id_check CHECK (((issuer IS NULL) OR (external_id IS NOT NULL)))
);
CREATE UNIQUE INDEX users_email_key ON auth.users USING btree (email) WHERE (external_id IS NULL);
alter table auth.users enable row level security;
alter table auth.users force row level security;
create policy users_app on auth.users for all to taskwire_app using ((id = tw.account())) with check ((id = tw.account()));
create policy users_auth on auth.users for all to taskwire_auth using (true) with check (true);
create policy users_backup on auth.users for select to taskwire_backup using (true);
create policy users_definer on auth.users for all to taskwire_definer using (true) with check (true);
create policy users_owner on auth.users for all to taskwire_owner using (true) with check (true);
grant select (created_at, disabled_at, email, external_id, id, name, time_zone), update (disabled_at, email, name, time_zone, updated_at) on table auth.users to taskwire_app;
grant delete, insert, select, update on table auth.users to taskwire_auth;
grant select on table auth.users to taskwire_backup;
grant delete, insert (email, external_id, id, issuer, name, time_zone), select (created_at, disabled_at, email, external_id, id, issuer, name, time_zone), update (issuer) on table auth.users to taskwire_definer;

create table tw.api_keys (
  user_id uuid not null,
  id uuid not null,
  space_id uuid,
  name tw.key_name not null,
  scopes tw.scopes not null,
  secret_hash tw.sha256 not null,
  created_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone,
  constraint api_keys_pkey PRIMARY KEY (user_id, id),
  constraint api_keys_space_id_check CHECK (((space_id IS NULL) OR (NOT ('account'::text = ANY ((scopes)::text[])))))
);
CREATE INDEX api_keys_secret_hash_idx ON tw.api_keys USING btree (secret_hash);
CREATE INDEX api_keys_space_id_idx ON tw.api_keys USING btree (space_id) WHERE (space_id IS NOT NULL);
alter table tw.api_keys alter column user_id set statistics 0;
alter table tw.api_keys enable row level security;
alter table tw.api_keys force row level security;
create policy api_keys_app on tw.api_keys for all to taskwire_app using ((user_id = tw.account())) with check ((user_id = tw.account()));
create policy api_keys_backup on tw.api_keys for select to taskwire_backup using (true);
create policy api_keys_definer on tw.api_keys for all to taskwire_definer using (true) with check (true);
create policy api_keys_owner on tw.api_keys for all to taskwire_owner using (true) with check (true);
grant delete, insert, select on table tw.api_keys to taskwire_app;
grant select on table tw.api_keys to taskwire_backup;
grant select on table tw.api_keys to taskwire_definer;

create table tw.changes (
  space_id uuid not null,
  revision tw.revision not null,
  commit bigint not null,
  at timestamp(3) with time zone not null,
  mutation_id uuid,
  request_id text,
  actor_kind text not null,
  actor_user_id uuid,
  actor_key_id uuid,
  action text not null,
  entity text not null,
  entity_id uuid not null,
  before jsonb,
  after jsonb,
  redacted boolean default false not null,
  constraint changes_pkey PRIMARY KEY (space_id, revision),
  constraint changes_before_after_check CHECK (((before IS NOT NULL) OR (after IS NOT NULL))),
  constraint changes_commit_check CHECK ((commit >= (revision)::bigint))
);
CREATE INDEX changes_at_idx ON tw.changes USING btree (at);
CREATE INDEX changes_entity_id_idx ON tw.changes USING btree (space_id, entity_id, revision);
CREATE INDEX changes_system_idx ON tw.changes USING btree (space_id, revision) WHERE (actor_kind = 'system'::text);
alter table tw.changes alter column space_id set statistics 0;
alter table tw.changes enable row level security;
alter table tw.changes force row level security;
create policy changes_app on tw.changes for all to taskwire_app using ((space_id = tw.space())) with check ((space_id = tw.space()));
create policy changes_backup on tw.changes for select to taskwire_backup using (true);
create policy changes_definer on tw.changes for all to taskwire_definer using (true) with check (true);
create policy changes_owner on tw.changes for all to taskwire_owner using (true) with check (true);
grant insert, select, update (after, before, redacted) on table tw.changes to taskwire_app;
grant select on table tw.changes to taskwire_backup;
grant delete, select, update (redacted) on table tw.changes to taskwire_definer;

create table tw.lists (
  space_id uuid not null,
  id uuid not null,
  name tw.list_name not null,
  name_key text not null,
  "position" tw."position" not null,
  revision tw.revision not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint lists_pkey PRIMARY KEY (space_id, id),
  constraint lists_name_key UNIQUE (space_id, name_key),
  constraint lists_position_key UNIQUE (space_id, "position"),
  constraint lists_id_check CHECK ((id <> space_id))
);
alter table tw.lists alter column space_id set statistics 0;
alter table tw.lists enable row level security;
alter table tw.lists force row level security;
create policy lists_app on tw.lists for all to taskwire_app using ((space_id = tw.space())) with check ((space_id = tw.space()));
create policy lists_backup on tw.lists for select to taskwire_backup using (true);
create policy lists_definer on tw.lists for all to taskwire_definer using (true) with check (true);
create policy lists_owner on tw.lists for all to taskwire_owner using (true) with check (true);
grant delete, insert, select, update ("position", name, name_key, revision, updated_at) on table tw.lists to taskwire_app;
grant select on table tw.lists to taskwire_backup;

create table tw.mutations (
  space_id uuid not null,
  mutation_id uuid not null,
  user_id uuid,
  payload_hash tw.sha256 not null,
  reply json,
  revision bigint not null,
  at timestamp(3) with time zone not null,
  unchanged_id uuid,
  constraint mutations_pkey PRIMARY KEY (space_id, mutation_id)
);
CREATE INDEX mutations_at_idx ON tw.mutations USING btree (at);
CREATE INDEX mutations_reply_idx ON tw.mutations USING btree (at) WHERE (reply IS NOT NULL);
CREATE INDEX mutations_unchanged_id_idx ON tw.mutations USING btree (space_id, unchanged_id) WHERE (unchanged_id IS NOT NULL);
alter table tw.mutations alter column space_id set statistics 0;
alter table tw.mutations enable row level security;
alter table tw.mutations force row level security;
create policy mutations_app on tw.mutations for all to taskwire_app using ((space_id = tw.space())) with check ((space_id = tw.space()));
create policy mutations_backup on tw.mutations for select to taskwire_backup using (true);
create policy mutations_definer on tw.mutations for all to taskwire_definer using (true) with check (true);
create policy mutations_owner on tw.mutations for all to taskwire_owner using (true) with check (true);
grant insert, select, update (reply) on table tw.mutations to taskwire_app;
grant select on table tw.mutations to taskwire_backup;
grant delete, select, update (reply) on table tw.mutations to taskwire_definer;

create table tw.service_keys (
  id uuid not null,
  name tw.key_name not null,
  scopes tw.service_scopes not null,
  secret_hash tw.sha256 not null,
  created_at timestamp(3) with time zone default now() not null,
  expires_at timestamp(3) with time zone,
  constraint service_keys_pkey PRIMARY KEY (id),
  constraint service_keys_name_key UNIQUE (name),
  constraint service_keys_secret_hash_key UNIQUE (secret_hash)
);
alter table tw.service_keys enable row level security;
alter table tw.service_keys force row level security;
create policy service_keys_backup on tw.service_keys for select to taskwire_backup using (true);
create policy service_keys_definer on tw.service_keys for all to taskwire_definer using (true) with check (true);
create policy service_keys_owner on tw.service_keys for all to taskwire_owner using (true) with check (true);
grant select on table tw.service_keys to taskwire_backup;
grant select on table tw.service_keys to taskwire_definer;

create table tw.spaces (
  id uuid not null,
  kind tw.space_kind default 'personal'::text not null,
  owner_id uuid not null,
  name tw.space_name default 'Personal'::text not null,
  revision tw.head default 0 not null,
  changed_at timestamp(3) with time zone default now() not null,
  constraint spaces_pkey PRIMARY KEY (id),
  constraint spaces_owner_id_check CHECK ((owner_id = id))
) with (fillfactor=50);
CREATE INDEX spaces_owner_id_idx ON tw.spaces USING btree (owner_id);
alter table tw.spaces enable row level security;
alter table tw.spaces force row level security;
create policy spaces_app on tw.spaces for all to taskwire_app using ((id = tw.space())) with check ((id = tw.space()));
create policy spaces_backup on tw.spaces for select to taskwire_backup using (true);
create policy spaces_definer on tw.spaces for all to taskwire_definer using (true) with check (true);
create policy spaces_owner on tw.spaces for all to taskwire_owner using (true) with check (true);
grant select, update (changed_at, revision) on table tw.spaces to taskwire_app;
grant select on table tw.spaces to taskwire_backup;
grant insert, select, update (revision) on table tw.spaces to taskwire_definer;

create table tw.tasks (
  space_id uuid not null,
  id uuid not null,
  user_id uuid,
  list_id uuid,
  title tw.title not null,
  description tw.description,
  complete boolean default false not null,
  completed_at timestamp(3) with time zone,
  priority tw.priority default 0 not null,
  tags tw.tags default '{}'::text[] not null,
  tag_keys tw.tag_keys default '{}'::text[] not null,
  due_date tw.due_date,
  due_time tw.due_time,
  due_zone tw.time_zone,
  due_at tw.due_instant,
  "position" tw."position" not null,
  revision tw.revision not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  deleted_at timestamp(3) with time zone,
  constraint tasks_pkey PRIMARY KEY (space_id, id),
  constraint tasks_completed_at_check CHECK ((complete = (completed_at IS NOT NULL))),
  constraint tasks_due_check CHECK ((((due_time IS NULL) = (due_zone IS NULL)) AND ((due_time IS NULL) = (due_at IS NULL)) AND ((due_date IS NOT NULL) OR (due_time IS NULL)))),
  constraint tasks_tags_check CHECK ((cardinality((tags)::text[]) = cardinality((tag_keys)::text[]))),
  constraint tasks_updated_at_check CHECK ((updated_at >= created_at))
) with (fillfactor=90);
CREATE INDEX tasks_created_at_idx ON tw.tasks USING btree (space_id, created_at, id) WHERE (deleted_at IS NULL);
CREATE INDEX tasks_due_idx ON tw.tasks USING btree (space_id, due_date, (
CASE
    WHEN (due_at IS NULL) THEN '-infinity'::timestamp with time zone
    ELSE (due_at)::timestamp with time zone
END), id) WHERE (deleted_at IS NULL);
CREATE INDEX tasks_list_id_idx ON tw.tasks USING btree (space_id, list_id) WHERE (list_id IS NOT NULL);
CREATE UNIQUE INDEX tasks_position_key ON tw.tasks USING btree (space_id, (
CASE
    WHEN (list_id IS NULL) THEN space_id
    ELSE list_id
END), "position") WHERE (deleted_at IS NULL);
CREATE INDEX tasks_search_idx ON tw.tasks USING gin (tw.search_vector(space_id, (title)::text, (description)::text)) WITH (gin_pending_list_limit='256');
alter table tw.tasks alter column space_id set statistics 0;
alter table tw.tasks enable row level security;
alter table tw.tasks force row level security;
create policy tasks_app on tw.tasks for all to taskwire_app using ((space_id = tw.space())) with check ((space_id = tw.space()));
create policy tasks_backup on tw.tasks for select to taskwire_backup using (true);
create policy tasks_definer on tw.tasks for all to taskwire_definer using (true) with check (true);
create policy tasks_owner on tw.tasks for all to taskwire_owner using (true) with check (true);
grant delete, insert, select, update ("position", complete, completed_at, deleted_at, description, due_at, due_date, due_time, due_zone, list_id, priority, revision, tag_keys, tags, title, updated_at) on table tw.tasks to taskwire_app;
grant select on table tw.tasks to taskwire_backup;
grant select (ctid, description, space_id, title) on table tw.tasks to taskwire_definer;

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

create table tw_migrations.functions (
  release integer not null,
  hash text not null,
  applied_at timestamp with time zone default now() not null,
  constraint functions_pkey PRIMARY KEY (release)
);
grant select on table tw_migrations.functions to taskwire_app;
grant select on table tw_migrations.functions to taskwire_backup;

alter table auth.accounts add constraint accounts_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE;
alter table auth.password_resets add constraint password_resets_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE;
alter table auth.sessions add constraint sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE;
alter table tw.api_keys add constraint api_keys_space_id_fkey FOREIGN KEY (space_id) REFERENCES tw.spaces(id) ON DELETE CASCADE;
alter table tw.api_keys add constraint api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE;
alter table tw.changes add constraint changes_space_id_fkey FOREIGN KEY (space_id) REFERENCES tw.spaces(id) ON DELETE CASCADE;
alter table tw.lists add constraint lists_space_id_fkey FOREIGN KEY (space_id) REFERENCES tw.spaces(id) ON DELETE CASCADE;
alter table tw.mutations add constraint mutations_space_id_fkey FOREIGN KEY (space_id) REFERENCES tw.spaces(id) ON DELETE CASCADE;
alter table tw.spaces add constraint spaces_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES auth.users(id) ON DELETE CASCADE;
alter table tw.tasks add constraint tasks_list_id_fkey FOREIGN KEY (space_id, list_id) REFERENCES tw.lists(space_id, id);
alter table tw.tasks add constraint tasks_space_id_fkey FOREIGN KEY (space_id) REFERENCES tw.spaces(id) ON DELETE CASCADE;
alter sequence tw_migrations.applied_id_seq owned by tw_migrations.applied.id;

create type tw.answer as (outcome text, reply json, revision bigint, replayed boolean, space_id uuid, user_id uuid, session_expires timestamp with time zone);
grant usage on type tw.answer to public;

create type tw.caller as (space_id uuid, user_id uuid, session_expires timestamp with time zone, kind text, key_id uuid);
grant usage on type tw.caller to public;

create type tw.change as (action text, entity text, entity_id uuid, before jsonb, after jsonb);
grant usage on type tw.change to public;

create type tw.mutation as (space_id uuid, user_id uuid, session_expires timestamp with time zone, kind text, key_id uuid, id uuid, payload bytea, request text, revision bigint, at timestamp with time zone, replayed boolean, reply json);
grant usage on type tw.mutation to public;

create type tw.placement as (m tw.mutation, positions text[]);
grant usage on type tw.placement to public;

create type tw.task_shape as (id uuid, "spaceId" uuid, "userId" uuid, "listId" uuid, title text, description text, complete boolean, "completedAt" text, priority text, tags text[], due json, "dueAt" text, "position" text, revision bigint, "createdAt" text, "updatedAt" text, "deletedAt" text);
grant usage on type tw.task_shape to public;

CREATE OR REPLACE FUNCTION auth.add_session(u uuid, token bytea, address text, agent text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  insert into auth.sessions (user_id, token_hash, expires_at, ip_address, user_agent)
  values (u, token, now() + interval '7 days', address, agent);
end $function$;
grant execute on function auth.add_session(uuid,bytea,text,text) to taskwire_auth;

CREATE OR REPLACE FUNCTION auth.begin_session(u uuid, verified text, renewed text, token bytea, address text, agent text)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
begin
  if not auth.lock_account(u, verified) then return false; end if;
  if renewed is not null then
    update auth.accounts set password = renewed, updated_at = now() where user_id = u and provider_id = 'credential';
  end if;
  perform auth.add_session(u, token, address, agent);
  return true;
end $function$;
grant execute on function auth.begin_session(uuid,text,text,bytea,text,text) to taskwire_auth;

CREATE OR REPLACE FUNCTION auth.change_password(session bytea, verified text, hash text, token bytea, address text, agent text)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
declare
  u uuid := (select user_id from auth.sessions where token_hash = session);
begin
  if not auth.lock_account(u, verified) then return false; end if;
  delete from auth.sessions where token_hash = session and expires_at > now();
  if not found then return false; end if;
  perform auth.set_password(u, hash);
  if token is not null then perform auth.add_session(u, token, address, agent); end if;
  return true;
end $function$;
grant execute on function auth.change_password(bytea,text,text,bytea,text,text) to taskwire_auth;

CREATE OR REPLACE FUNCTION auth.end_sessions(session bytea)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
declare
  u uuid := (select user_id from auth.sessions where token_hash = session);
begin
  perform auth.lock_account(u, null);
  delete from auth.sessions where token_hash = session and expires_at > now();
  if not found then return false; end if;
  delete from auth.sessions where user_id = u;
  return true;
end $function$;
grant execute on function auth.end_sessions(bytea) to taskwire_auth;

CREATE OR REPLACE FUNCTION auth.extend_session(token bytea)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  update auth.sessions set expires_at = now() + interval '7 days', updated_at = now()
  where token_hash = token and expires_at > now() and expires_at < now() + interval '6 days';
end $function$;
grant execute on function auth.extend_session(bytea) to taskwire_auth;

CREATE OR REPLACE FUNCTION auth.lock_account(u uuid, verified text)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
begin
  perform from auth.users where id = u and disabled_at is null for key share;
  if not found then return false; end if;
  perform from auth.accounts
    where user_id = u and provider_id = 'credential' and (verified is null or password = verified) for no key update;
  return found;
end $function$;
grant execute on function auth.lock_account(uuid,text) to taskwire_auth;

CREATE OR REPLACE FUNCTION auth.read_session(token bytea)
 RETURNS json
 LANGUAGE plpgsql
AS $function$
begin
  perform auth.extend_session(token);
  return (
    select json_build_object(
      'session', json_build_object(
        'expiresAt', to_char(s.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'createdAt', to_char(s.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'updatedAt', to_char(s.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'ipAddress', s.ip_address, 'userAgent', s.user_agent, 'userId', s.user_id, 'id', s.id),
      'user', auth.user_json(u))
    from auth.sessions s join auth.users u on u.id = s.user_id where s.token_hash = token and s.expires_at > now() and u.disabled_at is null);
end $function$;
grant execute on function auth.read_session(bytea) to taskwire_auth;

CREATE OR REPLACE FUNCTION auth.reset_password(link bytea, hash text)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
declare
  u uuid := (select user_id from auth.password_resets where token_hash = link);
begin
  if not auth.lock_account(u, null) then return false; end if;
  delete from auth.password_resets where token_hash = link and expires_at > now();
  if not found then return false; end if;
  perform auth.set_password(u, hash);
  return true;
end $function$;
grant execute on function auth.reset_password(bytea,text) to taskwire_auth;

CREATE OR REPLACE FUNCTION auth.set_password(u uuid, hash text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  update auth.accounts set password = hash, updated_at = now() where user_id = u and provider_id = 'credential';
  delete from auth.password_resets where user_id = u;
  delete from auth.sessions where user_id = u;
end $function$;
grant execute on function auth.set_password(uuid,text) to taskwire_auth;

CREATE OR REPLACE FUNCTION auth.sign_up(u uuid, name text, email text, hash text, zone text, token bytea, address text, agent text)
 RETURNS SETOF auth.users
 LANGUAGE plpgsql
 ROWS 1
AS $function$
-- In ON CONFLICT, `email` is the column, not the argument.
#variable_conflict use_column
declare
  created auth.users;
begin
  insert into auth.users (id, name, email, time_zone) values (u, sign_up.name, sign_up.email, coalesce(zone, 'UTC'))
    on conflict (email) where external_id is null do nothing returning * into created;
  if created.id is null then return; end if;
  insert into auth.accounts (user_id, provider_id, account_id, password) values (u, 'credential', u::text, hash);
  perform auth.add_session(u, token, address, agent);
  return next created;
end $function$;
grant execute on function auth.sign_up(uuid,text,text,text,text,bytea,text,text) to taskwire_auth;

CREATE OR REPLACE FUNCTION auth.user_json(u auth.users)
 RETURNS json
 LANGUAGE sql
 STABLE
AS $function$
  select json_build_object(
  'name', u.name, 'email', u.email, 'emailVerified', u.email_verified, 'image', u.image,
  'createdAt', to_char(u.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  'updatedAt', to_char(u.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'id', u.id)
$function$;
grant execute on function auth.user_json(auth.users) to taskwire_auth;

CREATE OR REPLACE FUNCTION tw.account_json()
 RETURNS json
 LANGUAGE sql
 STABLE
AS $function$
  select json_build_object(
    'id', u.id, 'email', u.email, 'name', u.name, 'timeZone', u.time_zone, 'externalId', u.external_id, 'createdAt', tw.iso(u.created_at))
  from auth.users u where u.id = tw.account()
$function$;
grant execute on function tw.account_json() to taskwire_app;

CREATE OR REPLACE FUNCTION tw.acted_task(t tw.tasks, action text, changes jsonb, list uuid, at timestamp with time zone)
 RETURNS tw.tasks
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  case action
    when 'update' then t := tw.changed_task(t, changes, at);
    when 'move' then t.list_id := list;
    when 'delete' then t.deleted_at := case when t.deleted_at is null then at else t.deleted_at end;
    when 'restore' then t.deleted_at := null;
    when 'purge' then t := null;
  end case;
  return t;
end $function$;
grant execute on function tw.acted_task(tw.tasks,text,jsonb,uuid,timestamp with time zone) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.acted_tasks(space uuid, locations tid[], action text, changes jsonb, list uuid, at timestamp with time zone, most_rows integer, OUT olds tw.tasks[], OUT news tw.tasks[])
 RETURNS record
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  select coalesce(array_agg(x.old order by x.nr), '{}'), coalesce(array_agg(x.new order by x.nr), '{}') into olds, news from (
    select a.old, a.new, l.nr from unnest(locations) with ordinality l(location, nr) cross join lateral (
      select t as old, tw.acted_task(t, action, changes, list, at) as new from tw.tasks t
      where t.space_id = space and t.ctid = l.location offset 0
    ) a where a.new is distinct from a.old limit most_rows + 1
  ) x;
end $function$;
grant execute on function tw.acted_tasks(uuid,tid[],text,jsonb,uuid,timestamp with time zone,integer) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.add_user(new_id uuid, external text, vouching bytea, new_name text, new_email text, new_zone text)
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  insert into auth.users (id, external_id, issuer, name, email, time_zone)
    values (new_id, external, vouching, new_name, new_email, coalesce(new_zone, 'UTC'))
    on conflict on constraint users_external_id_key do nothing;
  if not found then
    update auth.users set issuer = vouching where external_id = external and issuer is null and vouching is not null;
  end if;
  return (select u.id from auth.users u where u.external_id = external);
end $function$;
grant execute on function tw.add_user(uuid,text,bytea,text,text,text) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.answered(m tw.mutation, outcome text, reply json DEFAULT NULL::json)
 RETURNS tw.answer
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select row(outcome, reply, m.revision, m.replayed, m.space_id, m.user_id, m.session_expires)::tw.answer
$function$;
grant execute on function tw.answered(tw.mutation,text,json) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.authenticate(space uuid, credential bytea, acting uuid, need text)
 RETURNS tw.caller
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
end $function$;
grant execute on function tw.authenticate(uuid,bytea,uuid,text) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.begin_mutation(space uuid, credential bytea, acting uuid, need text, mutation uuid, payload bytea, request text)
 RETURNS tw.mutation
 LANGUAGE plpgsql
AS $function$
declare
  c tw.caller := tw.authenticate(space, credential, acting, need);
  m tw.mutation;
  earlier record;
begin
  space := c.space_id;
  m.space_id := space; m.user_id := c.user_id; m.kind := c.kind; m.key_id := c.key_id;
  m.session_expires := c.session_expires;
  m.id := mutation; m.payload := payload; m.request := request;

  -- Until the next assignment, m.at is the time of the last change.
  select s.revision, s.changed_at into m.revision, m.at from tw.spaces s where s.id = space for no key update;
  -- There is no row if the account was erased while this call waited for the lock.
  if not found then raise exception using errcode = 'TW401', message = 'unauthenticated'; end if;
  -- The time of this mutation: after the wait for the lock, and never before the last change, even if the clock was set
  -- back.
  m.at := greatest(m.at, clock_timestamp());

  m.replayed := false;
  if mutation is not null then
    -- `r.at` is clock time, and m.at may be ahead of the clock: compare with now().
    select r.user_id, r.payload_hash, r.revision, case when r.at > now() - interval '24 hours' then r.reply end as reply
      into earlier from tw.mutations r where r.space_id = space and r.mutation_id = mutation;
    if found then
      if (earlier.user_id, earlier.payload_hash) is distinct from (m.user_id, payload) then
        raise exception using errcode = 'TW422', message = 'mutation id reused';
      end if;
      m.replayed := true; m.reply := earlier.reply; m.revision := earlier.revision;
    end if;
  end if;
  return m;
end $function$;
grant execute on function tw.begin_mutation(uuid,bytea,uuid,text,uuid,bytea,text) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.bulk_reply(affected integer, tasks tw.tasks[], revision bigint)
 RETURNS json
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return json_build_object('affected', affected,
    'tasks', (select coalesce(json_agg(tw.task_json(x.task) order by x.nr), '[]') from (
      select tasks[n] as task, n as nr from generate_subscripts(tasks, 1) n offset 0) x),
    'revision', revision);
end $function$;
grant execute on function tw.bulk_reply(integer,tw.tasks[],bigint) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.bulk_tasks(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, ids uuid[], clauses text, parameters text[], action text, changes jsonb, list uuid, dry boolean, most_rows integer, most_shown integer)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  locations tid[];
  trashed tw.tasks;
  olds tw.tasks[];
  news tw.tasks[];
  logged tw.change[];
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  if ids is not null then
    locations := tw.task_locations(space, ids);
    if array_position(locations, null) is not null then
      return tw.answered(m, 'missing', to_json('ids.' || (array_position(locations, null) - 1)));
    end if;
  else
    execute 'select array(select t.ctid from tw.tasks t where t.space_id = $2 and (' || clauses || ') order by t.created_at, t.id)'
      into locations using parameters, space;
  end if;
  -- Checked here too, since the foreign key is not checked if no task matches.
  if action = 'move' and list is not null and not exists (select from tw.lists l where l.space_id = space and l.id = list) then
    return tw.answered(m, 'no_list', to_json('action.listId'::text));
  end if;
  if action in ('update', 'move') then
    trashed := tw.first_trashed(space, locations);
    if trashed.id is not null then return tw.answered(m, 'in_trash', tw.task_json(trashed)); end if;
  end if;

  select a.olds, a.news into olds, news from tw.acted_tasks(space, locations, action, changes, list, m.at, most_rows) a;
  if cardinality(olds) > most_rows then return tw.answered(m, 'limit'); end if;
  if dry then return tw.answered(m, 'ok', tw.bulk_reply(cardinality(olds), olds[:most_shown], m.revision)); end if;
  if action = 'purge' then
    logged := tw.erase_tasks(space, array(select o.id from unnest(olds) with ordinality o order by o.ordinality));
    -- The reply does not show purged tasks.
    news := '{}';
  else
    if action in ('move', 'restore') then news := tw.positioned_last(space, news); end if;
    select s.news, s.changes into news, logged from tw.save_tasks(space, m, olds, news) s;
  end if;
  return tw.finish_mutation(space, m, logged, tw.bulk_reply(cardinality(olds), news[:most_shown], m.revision + cardinality(olds)));
end $function$;
grant execute on function tw.bulk_tasks(uuid,bytea,uuid,uuid,bytea,text,uuid[],text,text[],text,jsonb,uuid,boolean,integer,integer) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.change_json(c tw.changes)
 RETURNS json
 LANGUAGE sql
 STABLE
AS $function$
  select json_build_object(
  'revision', c.revision, 'commit', c.commit, 'at', tw.iso(c.at), 'mutationId', c.mutation_id, 'requestId', c.request_id,
  'actor', json_build_object('kind', c.actor_kind, 'userId', c.actor_user_id, 'keyId', c.actor_key_id),
  'action', c.action, 'entity', c.entity, 'entityId', c.entity_id, 'before', c.before, 'after', c.after,
  'redacted', c.redacted)
$function$;
grant execute on function tw.change_json(tw.changes) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.changed_list(l tw.lists, changes jsonb)
 RETURNS tw.lists
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  if changes ? 'name' then
    l.name := changes->>'name';
    l.name_key := changes->>'name_key';
  end if;
  return l;
end $function$;
grant execute on function tw.changed_list(tw.lists,jsonb) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.changed_task(t tw.tasks, changes jsonb, at timestamp with time zone)
 RETURNS tw.tasks
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  if changes ? 'title' then t.title := changes->>'title'; end if;
  if changes ? 'description' then t.description := changes->>'description'; end if;
  if changes ? 'complete' and (changes->>'complete')::boolean <> t.complete then
    t.complete := not t.complete;
    t.completed_at := case when t.complete then at end;
  end if;
  if changes ? 'priority' then t.priority := tw.priority_rank(changes->>'priority'); end if;
  if changes ? 'tags' then
    t.tags := array(select jsonb_array_elements_text(changes->'tags'));
    t.tag_keys := array(select jsonb_array_elements_text(changes->'tag_keys'));
  end if;
  if changes ? 'due' then
    t.due_date := (changes->'due'->>'date')::date;
    t.due_time := (changes->'due'->>'time')::time;
    t.due_zone := changes->'due'->>'timeZone';
  end if;
  if changes ? 'dueDate' then t.due_date := (changes->>'dueDate')::date; end if;
  if changes ?| array['due', 'dueDate'] then
    t.due_at := null;
    if t.due_time is not null then t.due_at := tw.due_at(t.due_date, t.due_time, t.due_zone); end if;
  end if;
  return t;
end $function$;
grant execute on function tw.changed_task(tw.tasks,jsonb,timestamp with time zone) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.complete_task(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, task uuid, complete boolean, expected bigint)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  old tw.tasks;
  new tw.tasks;
  shown json;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  select t.* into old from tw.tasks t where t.space_id = space and t.id = task;
  if not found then return tw.answered(m, 'missing'); end if;
  if old.deleted_at is not null then return tw.answered(m, 'in_trash', tw.task_json(old)); end if;
  if old.revision <> expected then return tw.answered(m, 'conflict', tw.task_json(old)); end if;

  if old.complete = complete then
    return tw.finish_mutation(space, m, '{}', tw.task_json(old), unchanged => task);
  end if;
  new := old;
  new.complete := complete;
  new.completed_at := case when complete then m.at end;
  new.revision := m.revision + 1;
  new.updated_at := m.at;
  update tw.tasks t set
    complete = new.complete, completed_at = new.completed_at, revision = new.revision, updated_at = new.updated_at
  where t.space_id = space and t.id = task;
  shown := tw.task_json(new);
  return tw.finish_mutation(space, m, array[tw.task_change(old, new, shown)], shown);
end $function$;
grant execute on function tw.complete_task(uuid,bytea,uuid,uuid,bytea,text,uuid,boolean,bigint) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.create_key(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, key uuid, key_name text, key_scopes text[], bound uuid, hash bytea, expires timestamp with time zone)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'session', mutation, payload, request);
  new tw.api_keys;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  -- An account has one space, its personal one.
  if bound <> space then return tw.answered(m, 'no_space'); end if;
  insert into tw.api_keys as k (user_id, id, space_id, name, scopes, secret_hash, created_at, expires_at)
    values (m.user_id, key, bound, key_name, key_scopes, hash, m.at, expires)
    returning k.* into new;
  return tw.finish_mutation(space, m, array[row('create', 'key', key, null, tw.key_json(new))::tw.change],
    tw.key_json(new), keep_reply => false);
end $function$;
grant execute on function tw.create_key(uuid,bytea,uuid,uuid,bytea,text,uuid,text,text[],uuid,bytea,timestamp with time zone) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.create_list(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, list uuid, fields jsonb, after_given boolean, after uuid, most_rows integer)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  other tw.lists;
  new tw.lists;
  new_position text;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  select l.* into other from tw.lists l where l.space_id = space and l.id = list;
  if found then return tw.answered(m, 'exists', tw.list_json(other)); end if;
  -- The id of a purged task or a deleted list stays in use as long as its Changes are kept.
  if exists (select from tw.changes c where c.space_id = space and c.entity_id = list and c.entity in ('list', 'task')) then
    return tw.answered(m, 'exists');
  end if;
  select l.* into other from tw.lists l where l.space_id = space and l.name_key = fields->>'name_key';
  if found then return tw.answered(m, 'exists', tw.list_json(other)); end if;
  if after is not null and not exists (select from tw.lists l where l.space_id = space and l.id = after) then
    return tw.answered(m, 'no_after');
  end if;

  new_position := tw.place_list(space, after_given, after, null);
  if new_position is null then
    m := tw.rebalance_lists(space, m, most_rows - 1);
    new_position := tw.place_list(space, after_given, after, null);
    if new_position is null then return tw.answered(m, 'limit'); end if;
  end if;
  new.space_id := space;
  new.id := list;
  new.position := new_position;
  new.revision := m.revision + 1;
  new.created_at := m.at;
  new.updated_at := m.at;
  new := tw.changed_list(new, fields);
  insert into tw.lists values (new.*);
  return tw.finish_mutation(space, m, array[tw.list_change(null, new)], tw.list_json(new));
end $function$;
grant execute on function tw.create_list(uuid,bytea,uuid,uuid,bytea,text,uuid,jsonb,boolean,uuid,integer) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.create_task(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, task uuid, list uuid, fields jsonb, after_given boolean, after uuid, most_rows integer)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  placement tw.placement;
  new_position text;
  new tw.tasks;
  shown json;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  select t.* into new from tw.tasks t where t.space_id = space and t.id = task;
  if found then return tw.answered(m, 'exists', tw.task_json(new)); end if;
  -- The id of a purged task or a deleted list stays in use as long as its Changes are kept.
  if exists (select from tw.changes c where c.space_id = space and c.entity_id = task and c.entity in ('list', 'task')) then
    return tw.answered(m, 'exists');
  end if;
  if list is not null and not exists (select from tw.lists l where l.space_id = space and l.id = list) then
    return tw.answered(m, 'no_list');
  end if;
  if not after_given then
    new_position := tw.position_text(tw.last_position(space, list) + 1);
  elsif after is not null and not tw.is_in_list(space, list, after) then
    return tw.answered(m, 'no_after');
  else
    placement := tw.place_tasks(space, m, list, after, null, 1, most_rows - 1);
    m := placement.m;
    new_position := placement.positions[1];
  end if;

  new := tw.new_task(space, m, task, list, fields, new_position, m.revision + 1);
  insert into tw.tasks values (new.*);
  shown := tw.task_json(new);
  return tw.finish_mutation(space, m, array[tw.task_change(null, new, shown)], shown);
end $function$;
grant execute on function tw.create_task(uuid,bytea,uuid,uuid,bytea,text,uuid,uuid,jsonb,boolean,uuid,integer) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.create_tasks(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, drafts jsonb, places jsonb, most_rows integer)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  refused record;
  placement tw.placement;
  created tw.change[];
  shown json;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  refused := tw.refused_drafts(space, drafts, places);
  if refused.outcome is not null then return tw.answered(m, refused.outcome, refused.reply); end if;

  placement := tw.place_drafts(space, m, places, most_rows - jsonb_array_length(drafts));
  m := placement.m;
  with inserted as (
    insert into tw.tasks as t
    select n.* from jsonb_array_elements(drafts) with ordinality d(draft, nr)
    cross join lateral tw.new_task(space, m, (d.draft->>'id')::uuid, (d.draft->>'listId')::uuid, d.draft,
      placement.positions[d.nr], m.revision + d.nr) n
    returning t
  )
  select array_agg(tw.task_change(null, s.t, s.json) order by (s.t).revision), json_agg(s.json order by (s.t).revision)
    into created, shown
  from (select i.t, tw.task_json(i.t) as json from inserted i offset 0) s;
  return tw.finish_mutation(space, m, created, json_build_object('tasks', shown));
end $function$;
grant execute on function tw.create_tasks(uuid,bytea,uuid,uuid,bytea,text,jsonb,jsonb,integer) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.create_user(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, new_id uuid, external text, new_name text, new_email text, new_zone text)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  c tw.caller := tw.authenticate(space, credential, acting, 'users');
  account uuid;
  m tw.mutation;
  answer tw.answer;
begin
  account := tw.add_user(new_id, external, null, new_name, new_email, new_zone);
  m := tw.begin_mutation(space, credential, account, 'users', mutation, payload, request);
  if m.replayed then answer := tw.answered(m, 'ok', m.reply);
  elsif account <> new_id then answer := tw.answered(m, 'user_exists', tw.user_json());
  else answer := tw.finish_mutation(m.space_id, m, '{}', tw.user_json());
  end if;
  answer.user_id := c.user_id; answer.space_id := c.space_id;
  return answer;
end $function$;
grant execute on function tw.create_user(uuid,bytea,uuid,uuid,bytea,text,uuid,text,text,text,text) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.delete_list(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, list uuid, trash boolean, expected bigint, most_rows integer)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  old tw.lists;
  olds tw.tasks[];
  news tw.tasks[];
  new tw.tasks;
  last_position bigint;
  changes tw.change[];
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  select l.* into old from tw.lists l where l.space_id = space and l.id = list;
  if not found then return tw.answered(m, 'missing'); end if;
  if old.revision <> expected then return tw.answered(m, 'conflict', tw.list_json(old)); end if;
  olds := array(select t from tw.tasks t where t.space_id = space and t.list_id = list
    order by t.deleted_at is not null, t.position, t.id limit most_rows);
  -- The list itself counts as one of `most_rows`.
  if cardinality(olds) >= most_rows then return tw.answered(m, 'limit'); end if;

  news := olds;
  last_position := tw.last_position(space, null);
  for nr in 1..cardinality(news) loop
    new := news[nr];
    new.list_id := null;
    if new.deleted_at is null then
      if trash then new.deleted_at := m.at; else new.position := tw.position_text(last_position + nr); end if;
    end if;
    news[nr] := new;
  end loop;
  select s.changes into changes from tw.save_tasks(space, m, olds, news) s;
  delete from tw.lists l where l.space_id = space and l.id = list;
  changes := changes || row('delete', 'list', list, tw.list_json(old)::jsonb, null)::tw.change;
  return tw.finish_mutation(space, m, changes, json_build_object('id', list, 'revision', m.revision + cardinality(changes)));
end $function$;
grant execute on function tw.delete_list(uuid,bytea,uuid,uuid,bytea,text,uuid,boolean,bigint,integer) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.delete_me(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'session', mutation, payload, request);
begin
  return tw.answered(m, 'ok', json_build_object('id', tw.erase_me()));
end $function$;
grant execute on function tw.delete_me(uuid,bytea,uuid,uuid,bytea,text) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.delete_task(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, task uuid, expected bigint)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  old tw.tasks;
  new tw.tasks;
  shown json;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  select t.* into old from tw.tasks t where t.space_id = space and t.id = task;
  if not found then return tw.answered(m, 'missing'); end if;
  if old.revision <> expected then return tw.answered(m, 'conflict', tw.task_json(old)); end if;

  if old.deleted_at is not null then
    return tw.finish_mutation(space, m, '{}', tw.task_json(old), unchanged => task);
  end if;
  new := old;
  new.deleted_at := m.at;
  new.revision := m.revision + 1;
  new.updated_at := m.at;
  update tw.tasks t set deleted_at = new.deleted_at, revision = new.revision, updated_at = new.updated_at
  where t.space_id = space and t.id = task;
  shown := tw.task_json(new);
  return tw.finish_mutation(space, m, array[tw.task_change(old, new, shown)], shown);
end $function$;
grant execute on function tw.delete_task(uuid,bytea,uuid,uuid,bytea,text,uuid,bigint) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.delete_user(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'users', mutation, payload, request);
begin
  return tw.answered(m, 'ok', json_build_object('id', tw.erase_me()));
end $function$;
grant execute on function tw.delete_user(uuid,bytea,uuid,uuid,bytea,text) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.differences(was json, now_is json)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select (
  select jsonb_build_object('before', coalesce(jsonb_object_agg(key, was_value), '{}'), 'after', coalesce(jsonb_object_agg(key, value), '{}'))
  from rows from (json_each(was), json_each(now_is)) as x(key, was_value, same_key, value)
  where was_value::text <> value::text and key not in ('revision', 'updatedAt')
)
$function$;
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
  if first at time zone zone = wall then return least(instant, first); end if;
  return instant;
end $function$;
grant execute on function tw.due_at(date,time without time zone,text) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.each_location(locations tid[])
 RETURNS SETOF tid
 LANGUAGE plpgsql
 IMMUTABLE ROWS 1
AS $function$
begin
  return query select l.location from unnest(locations) l(location);
end $function$;
grant execute on function tw.each_location(tid[]) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.erase_me()
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  u uuid := tw.account();
begin
  perform from tw.spaces s where s.id = u for update;
  delete from auth.users where id = u;
  return u;
end $function$;
grant execute on function tw.erase_me() to taskwire_app;

CREATE OR REPLACE FUNCTION tw.erase_tasks(space uuid, ids uuid[])
 RETURNS tw.change[]
 LANGUAGE plpgsql
AS $function$
declare
  locations tid[];
  mutations uuid[];
begin
  locations := tw.task_locations(space, ids);
  delete from tw.tasks t using tw.each_location(locations) l(location) where t.space_id = space and t.ctid = l.location;

  locations := array(
    select x.location from unnest(ids) i(id) cross join lateral (
      select c.ctid as location from tw.changes c where c.space_id = space and c.entity_id = i.id and c.entity = 'task' offset 0) x);
  with emptied as (
    update tw.changes c set redacted = true,
      before = case when c.before is not null then '{}'::jsonb end, after = case when c.after is not null then '{}'::jsonb end
    from tw.each_location(locations) l(location) where c.space_id = space and c.ctid = l.location
    returning c.mutation_id
  )
  select array_agg(distinct e.mutation_id) into mutations from emptied e where e.mutation_id is not null;

  locations := array(
    select x.location from unnest(mutations) i(id) cross join lateral (
      select r.ctid as location from tw.mutations r where r.space_id = space and r.mutation_id = i.id offset 0) x
    union select x.location from unnest(ids) i(id) cross join lateral (
      select r.ctid as location from tw.mutations r where r.space_id = space and r.unchanged_id = i.id offset 0) x);
  update tw.mutations r set reply = null from tw.each_location(locations) l(location)
    where r.space_id = space and r.ctid = l.location and r.reply is not null;

  return array(select row('purge', 'task', i.id, '{}', null)::tw.change from unnest(ids) with ordinality i(id, nr) order by i.nr);
end $function$;
grant execute on function tw.erase_tasks(uuid,uuid[]) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.finish_mutation(space uuid, m tw.mutation, changes tw.change[], reply json, keep_reply boolean DEFAULT true, unchanged uuid DEFAULT NULL::uuid)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  -- The clock's time, by which tw.sweep() deletes. Not m.at, which may be ahead of the clock.
  recorded constant timestamptz := clock_timestamp();
begin
  m := tw.log_changes(space, m, changes);
  if m.id is not null then
    insert into tw.mutations (space_id, mutation_id, user_id, payload_hash, reply, revision, at, unchanged_id)
    values (space, m.id, m.user_id, m.payload, case when keep_reply then reply end, m.revision, recorded, unchanged);
  end if;
  return tw.answered(m, 'ok', reply);
end $function$;
grant execute on function tw.finish_mutation(uuid,tw.mutation,tw.change[],json,boolean,uuid) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.first_trashed(space uuid, locations tid[])
 RETURNS tw.tasks
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  found_task tw.tasks;
begin
  select x.* into found_task from unnest(locations) with ordinality l(location, nr) cross join lateral (
    select t.* from tw.tasks t where t.space_id = space and t.ctid = l.location and t.deleted_at is not null offset 0
  ) x order by l.nr limit 1;
  return found_task;
end $function$;
grant execute on function tw.first_trashed(uuid,tid[]) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.unaccented(x text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN replace(replace(replace(replace(translate(NORMALIZE(regexp_replace(NORMALIZE(lower((x COLLATE "und-x-icu")), NFD), '(?<![\u0400-\u052f<=>\u2190-\u22ff])[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\ufe00-\ufe0f\u0640]'::text, ''::text, 'g'::text), NFC), U&'\03c2\0131\0451\0450\045d\00f8\0142\0111\00f0\0127\0167\0300\0301'::text, U&'\03c3i\0435\0435\0438olddht'::text), U&'\00df'::text, 'ss'::text), U&'\00e6'::text, 'ae'::text), U&'\0153'::text, 'oe'::text), U&'\00fe'::text, 'th'::text);
grant execute on function tw.unaccented(text) to taskwire_app;
grant execute on function tw.unaccented(text) to taskwire_definer;

CREATE OR REPLACE FUNCTION tw.folded(title text, description text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (((title || '
'::text) || COALESCE(description, ''::text)) ~ '[\u00c0-\u03ff\u0400\u0401\u040d\u0450\u0451\u045d\u0591-\u06ed\u1e00-\u1fff\ufb1d-\ufb4e\ufe00-\ufe0f\U000105c9\U000105e4]'::text) THEN tw.unaccented(((title || '
'::text) || COALESCE(description, ''::text))) ELSE lower((((title || '
'::text) || COALESCE(description, ''::text)) COLLATE "und-x-icu")) END;
grant execute on function tw.folded(text,text) to taskwire_app;
grant execute on function tw.folded(text,text) to taskwire_definer;

CREATE OR REPLACE FUNCTION tw.fraction_between(a text, b text)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
declare
  i int := 1; da int; db int; found text := '';
begin
  -- Without this check the loop might not end.
  if a >= b collate "C" or b like '%0' then raise exception 'no fraction between % and %', a, b; end if;
  loop
    da := coalesce(strpos('0123456789abcdef', nullif(substr(a, i, 1), '')) - 1, 0);
    db := case when b is null then 16 else coalesce(strpos('0123456789abcdef', nullif(substr(b, i, 1), '')) - 1, 0) end;
    if db - da > 1 then found := found || to_hex((da + db) / 2); exit; end if;
    if db - da = 1 and length(b) > i then found := found || to_hex(db); exit; end if;
    found := found || to_hex(da);
    if db > da then b := null; end if;
    i := i + 1;
  end loop;
  return found;
end $function$;
grant execute on function tw.fraction_between(text,text) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.free_positions(space uuid, ids uuid[], shelves uuid[], wanted text[])
 RETURNS TABLE(id uuid, "position" text)
 LANGUAGE sql
 STABLE
 SET enable_sort TO 'off'
AS $function$
  select given.id, given.position
  from (
    select u.list_scope, u.requested, array_agg(u.id order by u.nr) as ids,
      lead(u.requested) over (partition by u.list_scope order by u.requested) as following,
      -- 'g' sorts after every position.
      lead(u.requested, 1, 'g') over (partition by u.list_scope order by u.requested) as up_to
    from (
      select x.id, x.list_scope, x.requested collate "C" as requested, x.nr
      from unnest(ids, shelves, wanted) with ordinality x(id, list_scope, requested, nr)
    ) u group by u.list_scope, u.requested
  ) r
  -- The first two rows from the requested position on, by the position index: with sorting disabled the planner has no
  -- other choice. Each scan stops at the next requested position, so that no dead index entry is read by two scans.
  cross join lateral (
    select (array_agg(f.id) filter (where f.position = r.requested))[1] as holder,
      least(r.following, min(f.position) filter (where f.position > r.requested)) as next
    from (
      (select t.id, t.position from tw.tasks t where t.space_id = space
        and case when t.list_id is null then t.space_id else t.list_id end = r.list_scope and t.deleted_at is null
        and t.position >= r.requested and t.position <= r.up_to
      order by t.position limit 2)
      union all
      (select l.id, l.position from tw.lists l where r.list_scope is null and l.space_id = space
        and l.position >= r.requested and l.position <= r.up_to
      order by l.position limit 2)
    ) f
  ) n
  -- A row that already holds the position it requests comes first.
  cross join lateral (
    select case when n.holder = any (r.ids) then n.holder || array_remove(r.ids, n.holder) else r.ids end as ids,
      case when n.holder <> all (r.ids) then tw.positions_between(r.requested, n.next, cardinality(r.ids))
        else array[r.requested] || tw.positions_between(r.requested, n.next, cardinality(r.ids) - 1) end as positions
  ) p
  cross join lateral unnest(p.ids, p.positions) given(id, position)
$function$;
grant execute on function tw.free_positions(uuid,uuid[],uuid[],text[]) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.holds(now_is json, after jsonb, moved jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
declare
  fields jsonb := now_is::jsonb;
begin
  return not exists (
    select from jsonb_each(after) a where fields->a.key is distinct from a.value and a.key not in ('revision', 'updatedAt')
      and (a.key <> 'position' or a.value is distinct from moved->'old'));
end $function$;
grant execute on function tw.holds(json,jsonb,jsonb) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.is_in_list(space uuid, list uuid, task uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return exists (
    -- By id alone (offset 0), or the planner may scan the list: see tw.place_tasks().
    select from (select * from tw.tasks t where t.space_id = space and t.id = task offset 0) t
    where t.list_id is not distinct from list and t.deleted_at is null);
end $function$;
grant execute on function tw.is_in_list(uuid,uuid,uuid) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.iso(t timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select to_char(t at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$function$;
grant execute on function tw.iso(timestamp with time zone) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.key_json(k tw.api_keys)
 RETURNS json
 LANGUAGE sql
 STABLE
AS $function$
  select json_build_object(
  'id', k.id, 'name', k.name, 'scopes', k.scopes, 'spaceId', k.space_id, 'createdAt', tw.iso(k.created_at),
  'expiresAt', tw.iso(k.expires_at))
$function$;
grant execute on function tw.key_json(tw.api_keys) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.known_key(given text, keys jsonb)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select case when octet_length(given) = char_length(given) then lower(given collate "C") else keys->>given end
$function$;
grant execute on function tw.known_key(text,jsonb) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.last_position(space uuid, list uuid)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  -- With `order by` and `limit` the planner takes the position index; with max() it may take another.
  highest constant text := (select t.position from tw.tasks t
    where t.space_id = space and t.deleted_at is null
      and case when t.list_id is null then t.space_id else t.list_id end = case when list is null then space else list end
    order by t.position desc limit 1);
begin
  return coalesce(tw.position_integer(highest), 2147483647);
end $function$;
grant execute on function tw.last_position(uuid,uuid) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.last_task(space uuid, list uuid, self uuid DEFAULT NULL::uuid)
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  -- With `order by` and `limit` the planner takes the position index; with max() it may take another.
  return (select t.id from tw.tasks t
    where t.space_id = space and t.deleted_at is null
      and case when t.list_id is null then t.space_id else t.list_id end = case when list is null then space else list end
      and t.id is distinct from self
    order by t.position desc limit 1);
end $function$;
grant execute on function tw.last_task(uuid,uuid,uuid) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.list_change(old tw.lists, new tw.lists)
 RETURNS tw.change
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  differences jsonb;
begin
  if old.id is null then return row('create', 'list', new.id, null, tw.list_json(new))::tw.change; end if;
  if new.id is null then return row('delete', 'list', old.id, tw.list_json(old), null)::tw.change; end if;
  differences := tw.differences(tw.list_json(old), tw.list_json(new));
  return row(case when (differences->'after') - 'position' = '{}' then 'move' else 'update' end, 'list', new.id,
    differences->'before', differences->'after')::tw.change;
end $function$;
grant execute on function tw.list_change(tw.lists,tw.lists) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.list_json(l tw.lists)
 RETURNS json
 LANGUAGE sql
 STABLE
AS $function$
  select json_build_object(
  'id', l.id, 'name', l.name, 'position', l.position, 'revision', l.revision,
  'createdAt', tw.iso(l.created_at), 'updatedAt', tw.iso(l.updated_at))
$function$;
grant execute on function tw.list_json(tw.lists) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.log_changes(space uuid, m tw.mutation, changes tw.change[], by_system boolean DEFAULT false)
 RETURNS tw.mutation
 LANGUAGE plpgsql
AS $function$
declare
  last_revision constant bigint := m.revision + cardinality(changes);
begin
  if cardinality(changes) = 0 then return m; end if;
  update tw.spaces s set revision = last_revision, changed_at = m.at where s.id = space;
  insert into tw.changes (space_id, revision, commit, at, mutation_id, request_id, actor_kind, actor_user_id, actor_key_id,
    action, entity, entity_id, before, after)
  select space, m.revision + c.nr, last_revision, m.at, case when not by_system then m.id end, m.request,
    case when by_system then 'system' else m.kind end, case when not by_system then m.user_id end,
    case when not by_system then m.key_id end, c.action, c.entity, c.entity_id, c.before, c.after
  from unnest(changes) with ordinality c(action, entity, entity_id, before, after, nr);
  m.revision := last_revision;
  return m;
end $function$;
grant execute on function tw.log_changes(uuid,tw.mutation,tw.change[],boolean) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.longest_position()
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ select 64 $function$;
grant execute on function tw.longest_position() to taskwire_app;

CREATE OR REPLACE FUNCTION tw.make_space()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  insert into tw.spaces (id, owner_id) values (new.id, new.id);
  return new;
end $function$;

CREATE OR REPLACE FUNCTION tw.marks()
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN '\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1-\u05c2\u05c4-\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7-\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u07a6-\u07b0\u07eb-\u07f3\u07fd\u0816-\u0819\u081b-\u0823\u0825-\u0827\u0829-\u082d\u0859-\u085b\u0897-\u089f\u08ca-\u08e1\u08e3-\u0903\u093a-\u093c\u093e-\u094f\u0951-\u0957\u0962-\u0963\u0981-\u0983\u09bc\u09be-\u09c4\u09c7-\u09c8\u09cb-\u09cd\u09d7\u09e2-\u09e3\u09fe\u0a01-\u0a03\u0a3c\u0a3e-\u0a42\u0a47-\u0a48\u0a4b-\u0a4d\u0a51\u0a70-\u0a71\u0a75\u0a81-\u0a83\u0abc\u0abe-\u0ac5\u0ac7-\u0ac9\u0acb-\u0acd\u0ae2-\u0ae3\u0afa-\u0aff\u0b01-\u0b03\u0b3c\u0b3e-\u0b44\u0b47-\u0b48\u0b4b-\u0b4d\u0b55-\u0b57\u0b62-\u0b63\u0b82\u0bbe-\u0bc2\u0bc6-\u0bc8\u0bca-\u0bcd\u0bd7\u0c00-\u0c04\u0c3c\u0c3e-\u0c44\u0c46-\u0c48\u0c4a-\u0c4d\u0c55-\u0c56\u0c62-\u0c63\u0c81-\u0c83\u0cbc\u0cbe-\u0cc4\u0cc6-\u0cc8\u0cca-\u0ccd\u0cd5-\u0cd6\u0ce2-\u0ce3\u0cf3\u0d00-\u0d03\u0d3b-\u0d3c\u0d3e-\u0d44\u0d46-\u0d48\u0d4a-\u0d4d\u0d57\u0d62-\u0d63\u0d81-\u0d83\u0dca\u0dcf-\u0dd4\u0dd6\u0dd8-\u0ddf\u0df2-\u0df3\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u0f18-\u0f19\u0f35\u0f37\u0f39\u0f3e-\u0f3f\u0f71-\u0f84\u0f86-\u0f87\u0f8d-\u0f97\u0f99-\u0fbc\u0fc6\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064\u1067-\u106d\u1071-\u1074\u1082-\u108d\u108f\u109a-\u109d\u135d-\u135f\u1712-\u1715\u1732-\u1734\u1752-\u1753\u1772-\u1773\u17b4-\u17d3\u17dd\u180b-\u180d\u180f\u1885-\u1886\u18a9\u1920-\u192b\u1930-\u193b\u1a17-\u1a1b\u1a55-\u1a5e\u1a60-\u1a7c\u1a7f\u1ab0-\u1add\u1ae0-\u1aeb\u1b00-\u1b04\u1b34-\u1b44\u1b6b-\u1b73\u1b80-\u1b82\u1ba1-\u1bad\u1be6-\u1bf3\u1c24-\u1c37\u1cd0-\u1cd2\u1cd4-\u1ce8\u1ced\u1cf4\u1cf7-\u1cf9\u1dc0-\u1dff\u20d0-\u20e2\u20e4-\u20f0\u2cef-\u2cf1\u2d7f\u2de0-\u2dff\u302a-\u302f\u3099-\u309a\ua66f-\ua672\ua674-\ua67d\ua69e-\ua69f\ua6f0-\ua6f1\ua802\ua806\ua80b\ua823-\ua827\ua82c\ua880-\ua881\ua8b4-\ua8c5\ua8e0-\ua8f1\ua8ff\ua926-\ua92d\ua947-\ua953\ua980-\ua983\ua9b3-\ua9c0\ua9e5\uaa29-\uaa36\uaa43\uaa4c-\uaa4d\uaa7b-\uaa7d\uaab0\uaab2-\uaab4\uaab7-\uaab8\uaabe-\uaabf\uaac1\uaaeb-\uaaef\uaaf5-\uaaf6\uabe3-\uabea\uabec-\uabed\ufb1e\ufe20-\ufe2f\U000101fd\U000102e0\U00010376-\U0001037a\U00010a01-\U00010a03\U00010a05-\U00010a06\U00010a0c-\U00010a0f\U00010a38-\U00010a3a\U00010a3f\U00010ae5-\U00010ae6\U00010d24-\U00010d27\U00010d69-\U00010d6d\U00010eab-\U00010eac\U00010efa-\U00010eff\U00010f46-\U00010f50\U00010f82-\U00010f85\U00011000-\U00011002\U00011038-\U00011046\U00011070\U00011073-\U00011074\U0001107f-\U00011082\U000110b0-\U000110ba\U000110c2\U00011100-\U00011102\U00011127-\U00011134\U00011145-\U00011146\U00011173\U00011180-\U00011182\U000111b3-\U000111c0\U000111c9-\U000111cc\U000111ce-\U000111cf\U0001122c-\U00011237\U0001123e\U00011241\U000112df-\U000112ea\U00011300-\U00011303\U0001133b-\U0001133c\U0001133e-\U00011344\U00011347-\U00011348\U0001134b-\U0001134d\U00011357\U00011362-\U00011363\U00011366-\U0001136c\U00011370-\U00011374\U000113b8-\U000113c0\U000113c2\U000113c5\U000113c7-\U000113ca\U000113cc-\U000113d0\U000113d2\U000113e1-\U000113e2\U00011435-\U00011446\U0001145e\U000114b0-\U000114c3\U000115af-\U000115b5\U000115b8-\U000115c0\U000115dc-\U000115dd\U00011630-\U00011640\U000116ab-\U000116b7\U0001171d-\U0001172b\U0001182c-\U0001183a\U00011930-\U00011935\U00011937-\U00011938\U0001193b-\U0001193e\U00011940\U00011942-\U00011943\U000119d1-\U000119d7\U000119da-\U000119e0\U000119e4\U00011a01-\U00011a0a\U00011a33-\U00011a39\U00011a3b-\U00011a3e\U00011a47\U00011a51-\U00011a5b\U00011a8a-\U00011a99\U00011b60-\U00011b67\U00011c2f-\U00011c36\U00011c38-\U00011c3f\U00011c92-\U00011ca7\U00011ca9-\U00011cb6\U00011d31-\U00011d36\U00011d3a\U00011d3c-\U00011d3d\U00011d3f-\U00011d45\U00011d47\U00011d8a-\U00011d8e\U00011d90-\U00011d91\U00011d93-\U00011d97\U00011ef3-\U00011ef6\U00011f00-\U00011f01\U00011f03\U00011f34-\U00011f3a\U00011f3e-\U00011f42\U00011f5a\U00013440\U00013447-\U00013455\U0001611e-\U0001612f\U00016af0-\U00016af4\U00016b30-\U00016b36\U00016f4f\U00016f51-\U00016f87\U00016f8f-\U00016f92\U00016fe4\U00016ff0-\U00016ff1\U0001bc9d-\U0001bc9e\U0001cf00-\U0001cf2d\U0001cf30-\U0001cf46\U0001d165-\U0001d169\U0001d16d-\U0001d172\U0001d17b-\U0001d182\U0001d185-\U0001d18b\U0001d1aa-\U0001d1ad\U0001d242-\U0001d244\U0001da00-\U0001da36\U0001da3b-\U0001da6c\U0001da75\U0001da84\U0001da9b-\U0001da9f\U0001daa1-\U0001daaf\U0001e000-\U0001e006\U0001e008-\U0001e018\U0001e01b-\U0001e021\U0001e023-\U0001e024\U0001e026-\U0001e02a\U0001e08f\U0001e130-\U0001e136\U0001e2ae\U0001e2ec-\U0001e2ef\U0001e4ec-\U0001e4ef\U0001e5ee-\U0001e5ef\U0001e6e3\U0001e6e6\U0001e6ee-\U0001e6ef\U0001e6f5\U0001e8d0-\U0001e8d6\U0001e944-\U0001e94a\U000e0100-\U000e01ef'::text;
grant execute on function tw.marks() to taskwire_app;
grant execute on function tw.marks() to taskwire_definer;

CREATE OR REPLACE FUNCTION tw.move_task(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, task uuid, list_given boolean, list uuid, after_given boolean, after uuid, expected bigint, most_rows integer)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  old tw.tasks;
  new tw.tasks;
  placement tw.placement;
  shown json;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  select t.* into old from tw.tasks t where t.space_id = space and t.id = task;
  if not found then return tw.answered(m, 'missing'); end if;
  if old.deleted_at is not null then return tw.answered(m, 'in_trash', tw.task_json(old)); end if;
  if old.revision <> expected then return tw.answered(m, 'conflict', tw.task_json(old)); end if;
  if not list_given then
    list := old.list_id;
  elsif list is not null and not exists (select from tw.lists l where l.space_id = space and l.id = list) then
    return tw.answered(m, 'no_list');
  end if;
  if not after_given then
    -- Not counting the task itself: a task that is already last goes after the one before it, and so keeps its
    -- position.
    after := tw.last_task(space, list, task);
  elsif after is not null and not tw.is_in_list(space, list, after) then
    return tw.answered(m, 'no_after');
  end if;

  -- The task's own row counts as one of `most_rows`.
  placement := tw.place_tasks(space, m, list, after, task, 1, most_rows - 1);
  if (placement.m).revision > m.revision then
    -- The rebalance may have moved this task too.
    select t.* into old from tw.tasks t where t.space_id = space and t.id = task;
  end if;
  m := placement.m;
  new := old;
  new.list_id := list;
  new.position := placement.positions[1];
  if new is not distinct from old then
    return tw.finish_mutation(space, m, '{}', tw.task_json(old), unchanged => task);
  end if;
  new.revision := m.revision + 1;
  new.updated_at := m.at;
  update tw.tasks t set
    list_id = new.list_id, position = new.position, revision = new.revision, updated_at = new.updated_at
  where t.space_id = space and t.id = task;
  shown := tw.task_json(new);
  return tw.finish_mutation(space, m, array[tw.task_change(old, new, shown)], shown);
end $function$;
grant execute on function tw.move_task(uuid,bytea,uuid,uuid,bytea,text,uuid,boolean,uuid,boolean,uuid,bigint,integer) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.new_task(space uuid, m tw.mutation, task uuid, list uuid, fields jsonb, place text, revision bigint)
 RETURNS tw.tasks
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  t tw.tasks;
begin
  t.space_id := space;
  t.id := task;
  t.user_id := m.user_id;
  t.list_id := list;
  t.complete := false;
  t.priority := 0;
  t.tags := '{}';
  t.tag_keys := '{}';
  t.position := place;
  t.revision := revision;
  t.created_at := m.at;
  t.updated_at := m.at;
  return tw.changed_task(t, fields, m.at);
end $function$;
grant execute on function tw.new_task(uuid,tw.mutation,uuid,uuid,jsonb,text,bigint) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.place_drafts(space uuid, m tw.mutation, places jsonb, most_rebalanced integer)
 RETURNS tw.placement
 LANGUAGE plpgsql
AS $function$
declare
  revision_before constant bigint := m.revision;
  revision_of_round bigint;
  place record;
  placement tw.placement;
  numbers bigint[];
  positions text[];
begin
  loop
    revision_of_round := m.revision;
    numbers := '{}';
    positions := '{}';
    for place in
      -- Drafts for the end of a list go after its last task. Drafts that name that task as `after` come before them.
      select p.list, p.after, array_agg(n.draft order by p.last, n.nr) as drafts
      from (
        select x."listId" as list, x.last, x.drafts,
          case when x.last then tw.last_task(space, x."listId") else x.after end as after
        from jsonb_to_recordset(places) x("listId" uuid, last boolean, after uuid, drafts bigint[])
      ) p cross join lateral unnest(p.drafts) with ordinality n(draft, nr)
      group by p.list, p.after order by min(n.draft)
    loop
      placement := tw.place_tasks(space, m, place.list, place.after, null, cardinality(place.drafts),
        (most_rebalanced - (m.revision - revision_before))::int);
      m := placement.m;
      numbers := numbers || place.drafts;
      positions := positions || placement.positions;
    end loop;
    -- A rebalance for one place may move the neighbours of another: then all positions are computed again.
    exit when m.revision = revision_of_round;
  end loop;
  return row(m, array(select x.position from unnest(numbers, positions) x(draft, position) order by x.draft));
end $function$;
grant execute on function tw.place_drafts(uuid,tw.mutation,jsonb,integer) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.place_list(space uuid, after_given boolean, after uuid, self uuid)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  own constant text collate "C" := (select l.position from tw.lists l where l.space_id = space and l.id = self);
  previous text collate "C";
  next text collate "C";
  middle text;
begin
  if not after_given then
    previous := (select max(l.position) from tw.lists l where l.space_id = space);
  else
    previous := (select l.position from tw.lists l where l.space_id = space and l.id = after);
    -- The empty text sorts before every position.
    next := (select min(l.position) from tw.lists l
      where l.space_id = space and l.position > coalesce(previous, '') and l.position is distinct from own);
    if own > coalesce(previous, '') and (next is null or own < next) then return own; end if;
  end if;
  middle := tw.position_between(previous, next);
  return case when length(middle) <= tw.longest_position() then middle end;
end $function$;
grant execute on function tw.place_list(uuid,boolean,uuid,uuid) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.place_tasks(space uuid, m tw.mutation, list uuid, after uuid, self uuid, amount integer, most_rebalanced integer)
 RETURNS tw.placement
 LANGUAGE plpgsql
AS $function$
declare
  -- The list as in the position index: its id, or the space's id for the inbox.
  list_scope constant uuid := case when list is null then space else list end;
  -- How many tasks each attempt rebalances. Each task costs a row and a Change, and 500 are usually enough.
  amounts constant int[] := array[500, 1000, most_rebalanced];
  revision_before constant bigint := m.revision;
  own text collate "C";
  previous text collate "C";
  low text collate "C";
  next text collate "C";
  rebalance_from text;
  positions text[];
begin
  for attempt in 1..4 loop
    -- By id alone (offset 0): with the conditions outside, the planner may read the list by the position index.
    select t.position into own from (select * from tw.tasks t where t.space_id = space and t.id = self offset 0) t
      where t.list_id is not distinct from list and t.deleted_at is null;
    select t.position into previous from tw.tasks t where t.space_id = space and t.id = after;
    -- The empty text sorts before every position; a comparison with null would match nothing.
    low := case when previous is null then '' else previous end;
    next := (select t.position from tw.tasks t
      where t.space_id = space and case when t.list_id is null then t.space_id else t.list_id end = list_scope and t.deleted_at is null
        and t.position > low and t.position is distinct from own
      order by t.position limit 1);
    if own > low and (next is null or own < next) then
      return row(m, array[own]);
    end if;
    positions := tw.positions_between(previous, next, amount);
    if not exists (select from unnest(positions) p where length(p) > tw.longest_position()) then
      return row(m, positions);
    end if;

    exit when attempt = 4;
    -- The first attempt rebalances the tasks after the place. Later attempts also rebalance the 500 before it, which
    -- may occupy all positions up to the next whole number.
    rebalance_from := previous;
    if attempt > 1 then
      rebalance_from := (select t.position from tw.tasks t
        where t.space_id = space and case when t.list_id is null then t.space_id else t.list_id end = list_scope and t.deleted_at is null
          and t.position < previous
        order by t.position desc offset 500 limit 1);
    end if;
    m := tw.rebalance_tasks(space, m, list, rebalance_from,
      least(amounts[attempt], most_rebalanced - (m.revision - revision_before))::int);
  end loop;
  raise exception using errcode = 'TW507', message = 'no position is free';
end $function$;
grant execute on function tw.place_tasks(uuid,tw.mutation,uuid,uuid,uuid,integer,integer) to taskwire_app;

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
AS $function$
  select ('x' || lpad(left(p, 8), 16, '0'))::bit(64)::bigint
$function$;
grant execute on function tw.position_integer(text) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.position_text(n bigint)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
begin
  -- Happens only after two thousand million placements at one end of a list.
  if n not between 0 and 4294967295 then raise exception using errcode = 'TW507', message = 'no position is free'; end if;
  return lpad(to_hex(n), 8, '0');
end $function$;
grant execute on function tw.position_text(bigint) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.positioned_last(space uuid, news tw.tasks[])
 RETURNS tw.tasks[]
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  entry record;
  new tw.tasks;
  last_position bigint;
begin
  for entry in
    select x.nr, row_number() over (partition by x.list_id order by x.nr) = 1 as first
    from (select n.list_id, n.ordinality as nr from unnest(news) with ordinality n) x order by x.list_id, x.nr
  loop
    new := news[entry.nr];
    last_position := case when entry.first then tw.last_position(space, new.list_id) else last_position end + 1;
    new.position := tw.position_text(last_position);
    news[entry.nr] := new;
  end loop;
  return news;
end $function$;
grant execute on function tw.positioned_last(uuid,tw.tasks[]) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.positions_back(space uuid, task_changes tw.change[], list_changes tw.change[], tasks tw.tasks[], moved jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  back jsonb;
  is_full boolean;
  ids uuid[];
  list_scopes uuid[];
  requested text[];
begin
  select array_agg(r.id order by r.position, r.id), array_agg(r.list_scope order by r.position, r.id),
    array_agg(r.position order by r.position, r.id)
    into ids, list_scopes, requested from (
      -- The tasks that will be live and whose list, position or deletion is undone.
      select t.id, t.list_scope, coalesce(u.before->>'position', moved->(t.id::text)->>'old', t.position) collate "C" as position
      from unnest(task_changes) with ordinality u(action, entity, entity_id, before, after, nr)
      cross join lateral (
        select (tasks[u.nr]).id, (tasks[u.nr]).position, (tasks[u.nr]).deleted_at,
          coalesce(case when u.before ? 'listId' then (u.before->>'listId')::uuid else (tasks[u.nr]).list_id end, space) as list_scope
      ) t
      where u.before ?| array['listId', 'position', 'deletedAt']
        and case when u.before ? 'deletedAt' then u.before->>'deletedAt' is null else t.deleted_at is null end
      union all
      select u.entity_id, null, u.before->>'position' from unnest(list_changes) u where u.before ? 'position'
    ) r;
  if moved <> '{}' then
    requested := tw.positions_now(
      moved, array(select u.entity_id from unnest(task_changes || list_changes) u), list_scopes, requested);
  end if;
  select jsonb_object_agg(f.id, f.position), bool_or(length(f.position) > 512) into back, is_full
    from tw.free_positions(space, ids, list_scopes, requested) f;
  -- A revert does not rebalance. So after thousands of reverts to one position it fails, until a task is placed there,
  -- which does rebalance.
  if is_full then raise exception using errcode = 'TW507', message = 'no position is free'; end if;
  return coalesce(back, '{}');
end $function$;
grant execute on function tw.positions_back(uuid,tw.change[],tw.change[],tw.tasks[],jsonb) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.positions_between(a text, b text, n integer)
 RETURNS text[]
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
declare
  middle text;
begin
  if n <= 0 then return array[]::text[]; end if;
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

CREATE OR REPLACE FUNCTION tw.positions_now(moved jsonb, own uuid[], shelves uuid[], wanted text[])
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
AS $function$
  with neighbours as (
    select (moved->x.id->>'list_scope')::uuid as list_scope, (moved->x.id->>'old') collate "C" as old, (moved->x.id->>'now') collate "C" as now
    from (select jsonb_object_keys(moved) except select unnest(own)::text) x(id)
  ), in_order as (
    -- In the order before the rebalances: the neighbours, each with its current position and the next neighbour's, and
    -- the requested positions, each with its number (`nr`).
    select n.list_scope, n.old as at, n.now, lead(n.now) over (partition by n.list_scope order by n.old) as next_now, null::bigint as nr
    from neighbours n
    union all
    select r.list_scope, r.requested, null, null, r.nr
    from unnest(shelves, wanted) with ordinality r(list_scope, requested, nr)
  ), counted as (
    -- The number of neighbours at or before each position: a neighbour and the requested positions after it, up to the
    -- next neighbour, have the same `before_it`.
    select o.*, count(o.now) over (partition by o.list_scope order by o.at, o.nr nulls first) as before_it from in_order o
  ), found as (
    select c.*, first_value(c.now) over same as low, first_value(c.next_now) over same as high
    from counted c window same as (partition by c.list_scope, c.before_it order by c.at, c.nr nulls first)
  )
  select array_agg(
    -- Unchanged if no neighbour lies before it, or if it still lies between the same two.
    case when f.low is null or (f.low <= f.at and (f.high is null or f.high > f.at)) then f.at
      else f.low end order by f.nr)
  from found f where f.nr is not null
$function$;
grant execute on function tw.positions_now(jsonb,uuid[],uuid[],text[]) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.priority_rank(priority text)
 RETURNS smallint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select (array_position(array['none', 'low', 'medium', 'high', 'urgent'], priority) - 1)::smallint
$function$;
grant execute on function tw.priority_rank(text) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.purge_task(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, task uuid, expected bigint)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  old tw.tasks;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  select t.* into old from tw.tasks t where t.space_id = space and t.id = task;
  if not found then return tw.answered(m, 'missing'); end if;
  if old.revision <> expected then return tw.answered(m, 'conflict', tw.task_json(old)); end if;

  return tw.finish_mutation(space, m, tw.erase_tasks(space, array[task]),
    json_build_object('id', task, 'revision', m.revision + 1));
end $function$;
grant execute on function tw.purge_task(uuid,bytea,uuid,uuid,bytea,text,uuid,bigint) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.read_commit(space uuid, of_revision bigint, OUT task_changes tw.change[], OUT list_changes tw.change[], OUT last_revision bigint, OUT purged boolean, OUT of_account boolean, OUT by_system boolean)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  previous bigint;
  kept bigint;
begin
  select c.commit into last_revision from tw.changes c where c.space_id = space and c.revision = of_revision;
  -- With null the next statement would read the whole log.
  if last_revision is null then return; end if;
  -- A commit has all revisions after the last one of the commit before it, up to its own last one.
  select c.revision into previous from tw.changes c
    where c.space_id = space and c.revision < of_revision and c.commit <> last_revision order by c.revision desc limit 1;
  previous := coalesce(previous, 0);
  select count(*), bool_or(c.redacted or c.action = 'purge'), bool_or(c.entity in ('account', 'key')), bool_or(c.actor_kind = 'system'),
    coalesce(array_agg(row(c.action, c.entity, c.entity_id, c.before, c.after)::tw.change order by c.revision desc) filter (where c.entity = 'task'), '{}'),
    coalesce(array_agg(row(c.action, c.entity, c.entity_id, c.before, c.after)::tw.change order by c.revision desc) filter (where c.entity = 'list'), '{}')
    into kept, purged, of_account, by_system, task_changes, list_changes
    from tw.changes c where c.space_id = space and c.revision > previous and c.revision <= last_revision;
  -- Some of its Changes have been deleted by tw.sweep(), or may have been: no Change of the commit before it is left.
  if kept <> last_revision - previous then last_revision := null; end if;
end $function$;
grant execute on function tw.read_commit(uuid,bigint) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.rebalance_lists(space uuid, m tw.mutation, most_rebalanced integer)
 RETURNS tw.mutation
 LANGUAGE plpgsql
AS $function$
declare
  changes tw.change[];
begin
  if (select count(*) from tw.lists l where l.space_id = space) > most_rebalanced then return m; end if;
  with old as (
    -- The update finds each row by its ctid, whatever plan the planner chooses.
    select l as was, l.ctid as location, row_number() over (order by l.position) as nr,
      max(l.position) over () as last_position
    from tw.lists l where l.space_id = space
  ), moved as (
    update tw.lists l set
      position = tw.position_text(tw.position_integer(o.last_position) + o.nr), revision = m.revision + o.nr, updated_at = m.at
    from old o where l.space_id = space and l.ctid = o.location
    returning o.nr, tw.list_change(o.was, l) as change
  )
  select array_agg(x.change order by x.nr) into changes from moved x;
  return tw.log_changes(space, m, changes, by_system => true);
end $function$;
grant execute on function tw.rebalance_lists(uuid,tw.mutation,integer) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.rebalance_tasks(space uuid, m tw.mutation, list uuid, rebalance_from text, amount integer)
 RETURNS tw.mutation
 LANGUAGE plpgsql
AS $function$
declare
  -- As in tw.place_tasks().
  list_scope constant uuid := case when list is null then space else list end;
  low constant text collate "C" := case when rebalance_from is null then '' else rebalance_from end;
  locations tid[];
  ids uuid[];
  old_positions text[];
  new_positions text[];
begin
  if amount < 1 then return m; end if;
  select array_agg(x.ctid order by x.position), array_agg(x.id order by x.position), array_agg(x.position::text order by x.position)
    into locations, ids, old_positions
  from (
    select t.ctid, t.id, t.position from tw.tasks t
    where t.space_id = space and case when t.list_id is null then t.space_id else t.list_id end = list_scope and t.deleted_at is null
      and t.position > low
    order by t.position limit amount + 1
  ) x;
  -- One task more than `amount` was read: it is the upper end.
  new_positions := tw.positions_between(
    rebalance_from, old_positions[amount + 1], 2 * least(cardinality(old_positions), amount) + 1);
  -- Leaves four digits for the next tasks that are placed between two of these.
  if exists (select from unnest(new_positions) p where length(p) > tw.longest_position() - 4) then return m; end if;
  old_positions := old_positions[:amount];
  -- Of 2n + 1 positions, the n tasks hold at most n now, so at least n + 1 are free. Only free ones are used, so that
  -- the update never meets an occupied position. The first free one stays free.
  new_positions := array(select p from unnest(new_positions) p where p not in (select o from unnest(old_positions) o)
    order by p collate "C" offset 1 limit cardinality(old_positions));
  -- The update finds each row by its ctid.
  update tw.tasks t set position = n.position, revision = m.revision + n.nr, updated_at = m.at
    from unnest(locations[:amount], new_positions) with ordinality n(location, position, nr)
    where t.space_id = space and t.ctid = n.location;
  return tw.log_changes(space, m, array(
    select row('move', 'task', x.id, jsonb_build_object('position', x.old), jsonb_build_object('position', x.new))::tw.change
    from unnest(ids[:amount], old_positions, new_positions) with ordinality x(id, old, new, nr) order by x.nr
  ), by_system => true);
end $function$;
grant execute on function tw.rebalance_tasks(uuid,tw.mutation,uuid,text,integer) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.rebalanced_since(space uuid, since bigint)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return (
    with steps as (
      select c.entity_id as id, c.revision as nr, c.before->>'position' as old, c.after->>'position' as new,
        lag(c.after->>'position') over (partition by c.entity_id order by c.revision) as previous
      from tw.changes c
      where c.space_id = space and c.actor_kind = 'system' and c.revision > since and c.before->'position' is not null
    ), moves as (
      select s.id, (array_agg(s.old order by s.nr))[1] as old, (array_agg(s.new order by s.nr desc))[1] as now
      from steps s group by s.id
      -- Excludes rows that a caller moved between two rebalances: their old position says nothing about the current
      -- one.
      having bool_and(s.previous is null or s.previous = s.old)
    )
    select coalesce(jsonb_object_agg(v.id, jsonb_build_object('old', v.old, 'now', v.now, 'list_scope', place.list_scope)), '{}')
    from moves v cross join lateral (
      select case when t.list_id is null then t.space_id else t.list_id end as list_scope, t.position
        from (select * from tw.tasks t where t.space_id = space and t.id = v.id offset 0) t where t.deleted_at is null
      union all
      select null, l.position from (select * from tw.lists l where l.space_id = space and l.id = v.id offset 0) l
    ) place
    where place.position = v.now
  );
end $function$;
grant execute on function tw.rebalanced_since(uuid,bigint) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.refused_drafts(space uuid, drafts jsonb, places jsonb, OUT outcome text, OUT reply json)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  select x.outcome, case when x.outcome = 'draft_exists' then json_build_object('path', p.path, 'current', x.there) else to_json(p.path) end
    into outcome, reply
  from (
    select d.nr, 1 as rank, 'draft_exists' as outcome, '.id' as field, t.there
    from rows from (jsonb_to_recordset(drafts) as (id uuid)) with ordinality d(id, nr)
    -- Looked up one by one, here and below: for two exists() conditions the planner would hash all tasks of the user.
    cross join lateral (
      select tw.task_json(t) as there from tw.tasks t where t.space_id = space and t.id = d.id
      union all
      -- The id of a purged task or a deleted list stays in use as long as its Changes are kept.
      (select null from tw.changes c where c.space_id = space and c.entity_id = d.id and c.entity in ('list', 'task') limit 1)
      limit 1
    ) t
    union all
    select (select min(n) from unnest(p.drafts) n), 2, 'no_list', '.listId', null
    from jsonb_to_recordset(places) p("listId" uuid, drafts int[])
    left join lateral (select l.id from tw.lists l where l.space_id = space and l.id = p."listId" offset 0) l on true
    where p."listId" is not null and l.id is null
    union all
    select (select min(n) from unnest(p.drafts) n), 3, 'no_after', '.after', null
    from jsonb_to_recordset(places) p("listId" uuid, after uuid, drafts int[])
    left join lateral (select t.* from tw.tasks t where t.space_id = space and t.id = p.after offset 0) t
      on t.list_id is not distinct from p."listId" and t.deleted_at is null
    where p.after is not null and t.id is null
  ) x cross join lateral (select 'tasks.' || x.nr - 1 || x.field as path) p
  order by x.nr, x.rank limit 1;
end $function$;
grant execute on function tw.refused_drafts(uuid,jsonb,jsonb) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.rename_tag(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, from_key text, to_tag text, to_key text, most_rows integer)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  olds tw.tasks[];
  news tw.tasks[];
  changes tw.change[];
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  select coalesce(array_agg(x.old), '{}'), coalesce(array_agg(x.new), '{}') into olds, news from (
    select a.old, a.new from (
      select t as old, tw.renamed_tag(t, from_key, to_tag, to_key) as new from tw.tasks t
      where t.space_id = space and t.tag_keys @> array[from_key] order by t.created_at, t.id offset 0
    ) a where a.new is distinct from a.old limit most_rows + 1
  ) x;
  if cardinality(olds) > most_rows then return tw.answered(m, 'limit'); end if;

  select s.changes into changes from tw.save_tasks(space, m, olds, news) s;
  return tw.finish_mutation(space, m, changes,
    json_build_object('affected', cardinality(changes), 'revision', m.revision + cardinality(changes)));
end $function$;
grant execute on function tw.rename_tag(uuid,bytea,uuid,uuid,bytea,text,text,text,text,integer) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.renamed_tag(t tw.tasks, from_key text, to_tag text, to_key text)
 RETURNS tw.tasks
 LANGUAGE plpgsql
 IMMUTABLE
AS $function$
begin
  select array_agg(k.tag order by k.nr), array_agg(k.key order by k.nr) into t.tags, t.tag_keys from (
    select distinct on (u.key) u.key, u.tag, u.nr from (
      select case when x.key in (from_key, to_key) then to_key else x.key end as key,
        case when x.key in (from_key, to_key) then to_tag else x.tag end as tag, x.nr
      from unnest(t.tags, t.tag_keys) with ordinality x(tag, key, nr)
    ) u order by u.key, u.nr
  ) k;
  return t;
end $function$;
grant execute on function tw.renamed_tag(tw.tasks,text,text,text) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.restore_task(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, task uuid, expected bigint)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  old tw.tasks;
  new tw.tasks;
  shown json;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  select t.* into old from tw.tasks t where t.space_id = space and t.id = task;
  if not found then return tw.answered(m, 'missing'); end if;
  if old.revision <> expected then return tw.answered(m, 'conflict', tw.task_json(old)); end if;

  if old.deleted_at is null then
    return tw.finish_mutation(space, m, '{}', tw.task_json(old), unchanged => task);
  end if;
  new := old;
  new.deleted_at := null;
  new.position := tw.position_text(tw.last_position(space, old.list_id) + 1);
  new.revision := m.revision + 1;
  new.updated_at := m.at;
  update tw.tasks t set
    deleted_at = new.deleted_at, position = new.position, revision = new.revision, updated_at = new.updated_at
  where t.space_id = space and t.id = task;
  shown := tw.task_json(new);
  return tw.finish_mutation(space, m, array[tw.task_change(old, new, shown)], shown);
end $function$;
grant execute on function tw.restore_task(uuid,bytea,uuid,uuid,bytea,text,uuid,bigint) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.revert_changes(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, of_revision bigint, keys jsonb, most_rows integer)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  undo record;
  unknown text[];
  -- The current rows, in the order of their Changes.
  tasks tw.tasks[];
  lists tw.lists[];
  moved jsonb;
  obstacle text;
  current json;
  positions jsonb;
  olds tw.tasks[];
  news tw.tasks[];
  new_list tw.lists;
  changes tw.change[];
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  undo := tw.read_commit(space, of_revision);
  if undo.last_revision is null then return tw.answered(m, 'no_commit'); end if;
  if undo.purged then return tw.answered(m, 'purged'); end if;
  if undo.of_account then return tw.answered(m, 'of_account'); end if;
  -- A rebalance cannot be undone: a task or a list placed since then would get other neighbours.
  if undo.by_system then return tw.answered(m, 'by_system'); end if;
  unknown := array(
    select jsonb_array_elements_text(u.before->'tags') from unnest(undo.task_changes) u
    union select u.before->>'name' from unnest(undo.list_changes) u);
  unknown := array(select x from unnest(unknown) x where x is not null and tw.known_key(x, keys) is null);
  if unknown <> '{}' then return tw.answered(m, 'keys_wanted', to_json(unknown)); end if;

  -- Refused if a list that the commit created has live tasks that would stay in it. Checked first, since the rest reads
  -- every task of the list.
  if exists (
    select from unnest(undo.list_changes) u
      cross join lateral (select * from tw.tasks t where t.space_id = space and t.list_id = u.entity_id offset 0) t
      where u.before is null and t.deleted_at is null
        and t.id not in (select c.entity_id from unnest(undo.task_changes) c where c.before ? 'listId')
  ) then
    return tw.answered(m, 'list_in_use');
  end if;
  -- If undoing deletes a list, its tasks in the trash lose it, as with lists.delete.
  undo.task_changes := undo.task_changes || array(
    select row('move', 'task', x.id, '{"listId": null}', '{}')::tw.change from (
      select t.id from unnest(undo.list_changes) u
        cross join lateral (select * from tw.tasks t where t.space_id = space and t.list_id = u.entity_id offset 0) t
        where u.before is null and t.deleted_at is not null
          and t.id not in (select u.entity_id from unnest(undo.task_changes) u)
      limit most_rows + 1
    ) x order by x.id);
  -- Each row is looked up by its key, whatever plan the planner would choose.
  tasks := array(
    select x.t from unnest(undo.task_changes) with ordinality u(action, entity, entity_id, before, after, nr)
    left join lateral (select t from tw.tasks t where t.space_id = space and t.id = u.entity_id offset 0) x on true order by u.nr);
  lists := array(
    select x.l from unnest(undo.list_changes) with ordinality u(action, entity, entity_id, before, after, nr)
    left join lateral (select l from tw.lists l where l.space_id = space and l.id = u.entity_id offset 0) x on true order by u.nr);

  obstacle := tw.revert_obstacle(space, undo.task_changes, undo.list_changes, tasks, lists, keys);
  if obstacle is not null then return tw.answered(m, obstacle); end if;
  -- Rebalances since then matter only if the commit set a position, or if undoing it does.
  moved := case when exists (
      select from unnest(undo.task_changes || undo.list_changes) u
      where u.before ?| array['listId', 'position', 'deletedAt'] or u.after ? 'position')
    then tw.rebalanced_since(space, undo.last_revision) else '{}' end;
  select x.shown into current from unnest(undo.task_changes) with ordinality u(action, entity, entity_id, before, after, nr)
    cross join lateral (select tw.task_json(tasks[u.nr]) as shown offset 0) x
    where not tw.holds(x.shown, u.after, moved->(u.entity_id::text)) order by u.nr limit 1;
  if found then return tw.answered(m, 'changed_since', current); end if;
  select tw.list_json(lists[u.nr]) into current from unnest(undo.list_changes) with ordinality u(action, entity, entity_id, before, after, nr)
    where (lists[u.nr]).id is not null
      and (u.after is null or not tw.holds(tw.list_json(lists[u.nr]), u.after, moved->(u.entity_id::text))) order by u.nr limit 1;
  if found then return tw.answered(m, 'changed_since', current); end if;

  positions := tw.positions_back(space, undo.task_changes, undo.list_changes, tasks, moved);
  select coalesce(array_agg(x.old order by x.nr), '{}'), coalesce(array_agg(x.new order by x.nr), '{}') into olds, news from (
    select u.nr, tasks[u.nr] as old, tw.undone_task(tasks[u.nr], u.before, keys, positions->>(u.entity_id::text), m.at) as new
    from unnest(undo.task_changes) with ordinality u(action, entity, entity_id, before, after, nr) offset 0
  ) x where x.new is distinct from x.old;
  if cardinality(news) + cardinality(undo.list_changes) > most_rows then return tw.answered(m, 'limit'); end if;

  -- Lists are written first, since tasks return to them, although their revisions come after the revisions of the
  -- tasks.
  for nr in 1..cardinality(undo.list_changes) loop
    new_list := tw.undone_list(space, lists[nr], undo.list_changes[nr], keys, positions->>(undo.list_changes[nr].entity_id::text));
    if new_list.id is not null then
      new_list.revision := m.revision + cardinality(news) + nr;
      new_list.updated_at := m.at;
    end if;
    changes[nr] := tw.list_change(lists[nr], new_list);
    lists[nr] := new_list;
  end loop;
  perform tw.save_lists(space, lists);
  changes := (tw.save_tasks(space, m, olds, news)).changes || changes;
  delete from tw.lists l where l.space_id = space
    and l.id = any (array(select u.entity_id from unnest(undo.list_changes) u where u.before is null));
  return tw.finish_mutation(space, m, changes,
    json_build_object('affected', cardinality(changes), 'revision', m.revision + cardinality(changes)));
end $function$;
grant execute on function tw.revert_changes(uuid,bytea,uuid,uuid,bytea,text,bigint,jsonb,integer) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.revert_obstacle(space uuid, task_changes tw.change[], list_changes tw.change[], tasks tw.tasks[], lists tw.lists[], keys jsonb)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  own constant uuid[] := array(select u.entity_id from unnest(list_changes) u);
begin
  return case
    when exists (select from unnest(tasks) t where t.id is null) then 'purged'
    when exists (
      select from unnest(list_changes) with ordinality u(action, entity, entity_id, before, after, nr)
      where u.after is not null and (lists[u.nr]).id is null) then 'list_gone'
    when exists (
      select from (select distinct (u.before->>'listId')::uuid as id from unnest(task_changes) u) target
      where target.id is not null and target.id <> all (own)
        and not exists (select from tw.lists l where l.space_id = space and l.id = target.id)) then 'list_gone'
    when exists (
      select from unnest(list_changes) u join tw.lists l
        on l.space_id = space and l.name_key = tw.known_key(u.before->>'name', keys) and l.id <> u.entity_id) then 'name_taken'
  end;
end $function$;
grant execute on function tw.revert_obstacle(uuid,tw.change[],tw.change[],tw.tasks[],tw.lists[],jsonb) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.revoke_key(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, key uuid)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'account', mutation, payload, request);
  old tw.api_keys;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  delete from tw.api_keys k where k.user_id = tw.account() and k.id = key returning k.* into old;
  if not found then return tw.answered(m, 'missing'); end if;
  return tw.finish_mutation(m.space_id, m, array[row('delete', 'key', key, tw.key_json(old), null)::tw.change],
    json_build_object('id', key));
end $function$;
grant execute on function tw.revoke_key(uuid,bytea,uuid,uuid,bytea,text,uuid) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.save_lists(space uuid, news tw.lists[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  insert into tw.lists select n.* from unnest(news) n where n.id is not null and space = n.space_id
    on conflict (space_id, id) do update set name = excluded.name, name_key = excluded.name_key, position = excluded.position,
      revision = excluded.revision, updated_at = excluded.updated_at;
end $function$;
grant execute on function tw.save_lists(uuid,tw.lists[]) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.save_tasks(space uuid, m tw.mutation, olds tw.tasks[], INOUT news tw.tasks[], OUT changes tw.change[])
 RETURNS record
 LANGUAGE plpgsql
AS $function$
declare
  locations constant tid[] := tw.task_locations(space, array(select n.id from unnest(news) with ordinality n order by n.ordinality));
begin
  with written as (
    update tw.tasks t set
      list_id = n.list_id, title = n.title, description = n.description, complete = n.complete,
      completed_at = n.completed_at, priority = n.priority, tags = n.tags, tag_keys = n.tag_keys,
      due_date = n.due_date, due_time = n.due_time, due_zone = n.due_zone, due_at = n.due_at,
      position = n.position, revision = m.revision + l.nr, updated_at = m.at, deleted_at = n.deleted_at
    from tw.each_location(locations) with ordinality l(location, nr) cross join lateral (select (news[l.nr]).*) n
    where t.space_id = space and t.ctid = l.location
    returning t as task, l.nr
  )
  select coalesce(array_agg(w.task order by w.nr), '{}') into news from written w;
  changes := '{}';
  for nr in 1..cardinality(news) loop
    changes[nr] := tw.task_change(olds[nr], news[nr], tw.task_json(news[nr]));
  end loop;
end $function$;
grant execute on function tw.save_tasks(uuid,tw.mutation,tw.tasks[],tw.tasks[]) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.search_is_exact(word text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select tw.search_terms(word) = array[word] or word ~ ('^[' || tw.unspaced() || ']{2}$')
$function$;
grant execute on function tw.search_is_exact(text) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.search_key(u uuid)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN encode(SUBSTRING(uuid_send(u) FROM 11), 'base64'::text);
grant execute on function tw.search_key(uuid) to taskwire_app;
grant execute on function tw.search_key(uuid) to taskwire_definer;

CREATE OR REPLACE FUNCTION tw.search_locations(words text[], most_found integer)
 RETURNS tid[]
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  s uuid := tw.space();
  q tsquery := (
    select string_agg(format('''%s%s'':*', tw.search_key(s), t), ' & ') from unnest(words) w, unnest(tw.search_terms(w)) t
  )::tsquery;
  locations tid[];
begin
  if q is null then
    if most_found is null then locations := array(select t.ctid from tw.tasks t where t.space_id = s); end if;
    return locations;
  end if;
  -- `is true` keeps the planner from taking an index by space.
  locations := array(
    select t.ctid from tw.tasks t
    where tw.search_vector(t.space_id, t.title, t.description) @@ q and (t.space_id = s) is true limit most_found + 1);
  return case when cardinality(locations) <= most_found or most_found is null then locations end;
end $function$;
grant execute on function tw.search_locations(text[],integer) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.search_patterns(words text[])
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select array(
  select '(^|[^[:alnum:]' || tw.marks() || ']|[' || tw.unspaced() || '])' || regexp_replace(w, '([!-/:-@[-`{-~])', '\\\1', 'g')
  from unnest(words) w
  where w collate "und-x-icu" ~ ('^[[:alnum:]' || tw.marks() || ']') and w !~ ('^[' || tw.unspaced() || ']'))
$function$;
grant execute on function tw.search_patterns(text[]) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.search_terms(folded text)
 RETURNS text[]
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
begin
  if octet_length(folded) = char_length(folded) then
    return array(
      select left(w, 40) from regexp_split_to_table(folded, '[^a-z0-9]+') w where w <> ''
      union all select m[1] from regexp_matches(folded, '[#$%&*+/<=>@^`|~]', 'g') m);
  end if;
  return array(
    select left(w, 40) from regexp_split_to_table(
      regexp_replace(folded, '([' || tw.unspaced() || ']+)', E' \\1 ', 'g') collate "und-x-icu",
      '[^[:alnum:]' || tw.marks() || tw.unspaced() || ']+') w
    where w <> '' and w !~ ('^[' || tw.unspaced() || ']')
    union all
    -- Splits the text into characters once: substr() counts from the start each time.
    select u.c || lead(u.c, 1, '') over (partition by m.run order by u.i)
    from regexp_matches(folded, '[' || tw.unspaced() || ']+', 'g') with ordinality m(found, run),
      unnest(string_to_array(m.found[1], null)) with ordinality u(c, i)
    union all
    select m[1] from regexp_matches(folded collate "und-x-icu",
      '[#$%&*+/<=>@^`|~]|[^[:alnum:]\u0001-\u00a0\u2000-\u206f' || tw.marks() || tw.unspaced() || ']', 'g') m);
end $function$;
grant execute on function tw.search_terms(text) to taskwire_app;
grant execute on function tw.search_terms(text) to taskwire_definer;

CREATE OR REPLACE FUNCTION tw.sweep(change_days integer, most_of_each integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  n int; dropped int := 0;
begin
  most_of_each := least(most_of_each, 10000);
  delete from tw.mutations where ctid = any (array(
    select ctid from tw.mutations where at < now() - interval '30 days' order by at limit most_of_each for update skip locked));
  get diagnostics n = row_count; dropped := dropped + n;
  update tw.mutations set reply = null where ctid = any (array(
    select ctid from tw.mutations where at < now() - interval '24 hours' and reply is not null
    order by at limit most_of_each for update skip locked));
  get diagnostics n = row_count; dropped := dropped + n;
  delete from tw.changes where ctid = any (array(
    select ctid from tw.changes where at < now() - make_interval(days => greatest(change_days, 30))
    order by at limit most_of_each for update skip locked));
  get diagnostics n = row_count; dropped := dropped + n;
  delete from auth.sessions where id = any (array(
    select id from auth.sessions where expires_at < now() order by expires_at limit most_of_each for update skip locked));
  get diagnostics n = row_count; dropped := dropped + n;
  return dropped;
end $function$;
grant execute on function tw.sweep(integer,integer) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.task_action(old tw.tasks, new tw.tasks)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select case
    when old.deleted_at is null and new.deleted_at is not null then 'delete'
    when old.deleted_at is not null and new.deleted_at is null then 'restore'
    when new.complete and not old.complete then 'complete'
    when old.complete and not new.complete then 'reopen'
    when (old.list_id, old.position) is distinct from (new.list_id, new.position) then 'move'
    else 'update'
  end
$function$;
grant execute on function tw.task_action(tw.tasks,tw.tasks) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.task_change(old tw.tasks, new tw.tasks, shown json)
 RETURNS tw.change
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  differences jsonb;
begin
  if old.id is null then
    return row('create', 'task', new.id, null, shown::jsonb)::tw.change;
  end if;
  differences := tw.differences(tw.task_json(old), shown);
  return row(tw.task_action(old, new), 'task', new.id, differences->'before', differences->'after')::tw.change;
end $function$;
grant execute on function tw.task_change(tw.tasks,tw.tasks,json) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.task_json(t tw.tasks)
 RETURNS json
 LANGUAGE sql
 STABLE
AS $function$
  select row_to_json(row(
  t.id, t.space_id, t.user_id, t.list_id, t.title, t.description, t.complete, tw.iso(t.completed_at),
  (array['none', 'low', 'medium', 'high', 'urgent'])[t.priority + 1], t.tags,
  case when t.due_time is not null
    then json_build_object('date', t.due_date, 'time', left(t.due_time::text, 5), 'timeZone', t.due_zone)
    when t.due_date is not null then json_build_object('date', t.due_date) end,
  tw.iso(t.due_at), t.position, t.revision, tw.iso(t.created_at), tw.iso(t.updated_at), tw.iso(t.deleted_at))::tw.task_shape)
$function$;
grant execute on function tw.task_json(tw.tasks) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.task_locations(space uuid, ids uuid[])
 RETURNS tid[]
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return array(
    select x.location from unnest(ids) with ordinality i(id, nr)
      left join lateral (select t.ctid as location from tw.tasks t where t.space_id = space and t.id = i.id offset 0) x on true
    order by i.nr);
end $function$;
grant execute on function tw.task_locations(uuid,uuid[]) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.undone_list(space uuid, l tw.lists, change tw.change, keys jsonb, new_position text)
 RETURNS tw.lists
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  before jsonb := change.before;
begin
  if before is null then return null; end if;
  if l.id is null then
    l.space_id := space;
    l.id := change.entity_id;
    l.created_at := (before->>'createdAt')::timestamptz;
  end if;
  if before ? 'name' then
    before := before || jsonb_build_object('name_key', tw.known_key(before->>'name', keys));
  end if;
  l := tw.changed_list(l, before);
  l.position := coalesce(new_position, l.position);
  return l;
end $function$;
grant execute on function tw.undone_list(uuid,tw.lists,tw.change,jsonb,text) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.undone_task(t tw.tasks, before jsonb, keys jsonb, new_position text, at timestamp with time zone)
 RETURNS tw.tasks
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  if before is null then
    t.deleted_at := coalesce(t.deleted_at, at);
    return t;
  end if;
  if before ? 'tags' then
    before := before || jsonb_build_object('tag_keys', array(
      select tw.known_key(x.tag, keys) from jsonb_array_elements_text(before->'tags') with ordinality x(tag, nr) order by x.nr));
  end if;
  t := tw.changed_task(t, before, at);
  if t.complete and before->>'completedAt' is not null then t.completed_at := (before->>'completedAt')::timestamptz; end if;
  if before ? 'listId' then t.list_id := (before->>'listId')::uuid; end if;
  t.position := coalesce(new_position, before->>'position', t.position);
  -- Undoing a restore sets the old time of deletion again, so that the deletion can be undone after it.
  if before ? 'deletedAt' then
    t.deleted_at := case when before->>'deletedAt' is not null then coalesce(t.deleted_at, (before->>'deletedAt')::timestamptz) end;
  end if;
  return t;
end $function$;
grant execute on function tw.undone_task(tw.tasks,jsonb,jsonb,text,timestamp with time zone) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.unspaced()
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN '\u00b7\u02bc\u02c7\u02c9-\u02cb\u02d7\u02d9\u02ea-\u02eb\u0303\u0305\u0323\u0331\u0e01-\u0e3a\u0e40-\u0e5b\u0e81-\u0e82\u0e84\u0e86-\u0e8a\u0e8c-\u0ea3\u0ea5\u0ea7-\u0ebd\u0ec0-\u0ec4\u0ec6\u0ec8-\u0ece\u0ed0-\u0ed9\u0edc-\u0edf\u1000-\u109f\u1100-\u11ff\u1780-\u17dd\u17e0-\u17e9\u17f0-\u17f9\u19e0-\u19ff\u2e80-\u2e99\u2e9b-\u2ef3\u2f00-\u2fd5\u2ff0-\u2fff\u3001-\u3003\u3005-\u3011\u3013-\u301f\u3021-\u3035\u3037-\u303f\u3041-\u3096\u3099-\u30ff\u3105-\u312f\u3131-\u318e\u3190-\u31e5\u31ef-\u321e\u3220-\u3247\u3260-\u327e\u3280-\u32b0\u32c0-\u32cb\u32d0-\u3370\u337b-\u337f\u33e0-\u33fe\u3400-\u4dbf\u4e00-\u9fff\ua700-\ua707\ua92e\ua960-\ua97c\ua9e0-\ua9fe\uaa60-\uaa7f\uac00-\ud7a3\ud7b0-\ud7c6\ud7cb-\ud7fb\uf900-\ufa6d\ufa70-\ufad9\ufe45-\ufe46\uff61-\uffbe\uffc2-\uffc7\uffca-\uffcf\uffd2-\uffd7\uffda-\uffdc\U000116d0-\U000116e3\U00016fe2-\U00016fe3\U00016ff0-\U00016ff6\U0001aff0-\U0001aff3\U0001aff5-\U0001affb\U0001affd-\U0001affe\U0001b000-\U0001b122\U0001b132\U0001b150-\U0001b152\U0001b155\U0001b164-\U0001b167\U0001d360-\U0001d371\U0001f200\U0001f250-\U0001f251\U00020000-\U0002a6df\U0002a700-\U0002b81d\U0002b820-\U0002cead\U0002ceb0-\U0002ebe0\U0002ebf0-\U0002ee5d\U0002f800-\U0002fa1d\U00030000-\U0003134a\U00031350-\U00033479'::text;
grant execute on function tw.unspaced() to taskwire_app;
grant execute on function tw.unspaced() to taskwire_definer;

CREATE OR REPLACE FUNCTION tw.update_list(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, list uuid, fields jsonb, after_given boolean, after uuid, expected bigint, most_rows integer)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  old tw.lists;
  other tw.lists;
  new tw.lists;
  new_position text;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  select l.* into old from tw.lists l where l.space_id = space and l.id = list;
  if not found then return tw.answered(m, 'missing'); end if;
  if old.revision <> expected then return tw.answered(m, 'conflict', tw.list_json(old)); end if;
  select l.* into other from tw.lists l where l.space_id = space and l.name_key = fields->>'name_key' and l.id <> list;
  if found then return tw.answered(m, 'exists', tw.list_json(other)); end if;
  if after is not null and not exists (select from tw.lists l where l.space_id = space and l.id = after) then
    return tw.answered(m, 'no_after', to_json('changes.after'::text));
  end if;

  if after_given then
    new_position := tw.place_list(space, true, after, list);
    if new_position is null then
      m := tw.rebalance_lists(space, m, most_rows - 1);
      new_position := tw.place_list(space, true, after, list);
      if new_position is null then return tw.answered(m, 'limit'); end if;
      select l.* into old from tw.lists l where l.space_id = space and l.id = list;
    end if;
  end if;
  new := tw.changed_list(old, fields);
  if after_given then new.position := new_position; end if;
  if new is not distinct from old then return tw.finish_mutation(space, m, '{}', tw.list_json(old)); end if;
  new.revision := m.revision + 1;
  new.updated_at := m.at;
  perform tw.save_lists(space, array[new]);
  return tw.finish_mutation(space, m, array[tw.list_change(old, new)], tw.list_json(new));
end $function$;
grant execute on function tw.update_list(uuid,bytea,uuid,uuid,bytea,text,uuid,jsonb,boolean,uuid,bigint,integer) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.update_me(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, new_name text, new_zone text)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'account', mutation, payload, request);
  old json;
  new json;
  differences jsonb;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  old := tw.account_json();
  update auth.users u set name = coalesce(new_name, u.name), time_zone = coalesce(new_zone, u.time_zone), updated_at = m.at
    where u.id = tw.account() and (u.name <> new_name or u.time_zone <> new_zone);
  if not found then return tw.finish_mutation(m.space_id, m, '{}', old); end if;
  new := tw.account_json();
  differences := tw.differences(old, new);
  return tw.finish_mutation(m.space_id, m,
    array[row('update', 'account', m.user_id, differences->'before', differences->'after')::tw.change], new);
end $function$;
grant execute on function tw.update_me(uuid,bytea,uuid,uuid,bytea,text,text,text) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.update_task(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, task uuid, changes jsonb, expected bigint)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  old tw.tasks;
  new tw.tasks;
  shown json;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  -- The caller may have named no space. From here on `space` is the authenticated one, which is locked.
  space := m.space_id;
  select t.* into old from tw.tasks t where t.space_id = space and t.id = task;
  if not found then return tw.answered(m, 'missing'); end if;
  if old.deleted_at is not null then return tw.answered(m, 'in_trash', tw.task_json(old)); end if;
  -- If `expected` is null, the comparison is null too, and the task is not refused.
  if old.revision <> expected then return tw.answered(m, 'conflict', tw.task_json(old)); end if;

  new := tw.changed_task(old, changes, m.at);
  -- A call that changes nothing gets no revision.
  if new is not distinct from old then
    return tw.finish_mutation(space, m, '{}', tw.task_json(old), unchanged => task);
  end if;
  new.revision := m.revision + 1;
  new.updated_at := m.at;
  update tw.tasks t set
    title = new.title, description = new.description, complete = new.complete, completed_at = new.completed_at,
    priority = new.priority, tags = new.tags, tag_keys = new.tag_keys, due_date = new.due_date, due_time = new.due_time,
    due_zone = new.due_zone, due_at = new.due_at, revision = new.revision, updated_at = new.updated_at
  where t.space_id = space and t.id = task;
  shown := tw.task_json(new);
  return tw.finish_mutation(space, m, array[tw.task_change(old, new, shown)], shown);
end $function$;
grant execute on function tw.update_task(uuid,bytea,uuid,uuid,bytea,text,uuid,jsonb,bigint) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.update_user(space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, new_name text, new_email text, new_zone text, is_disabled boolean)
 RETURNS tw.answer
 LANGUAGE plpgsql
AS $function$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'users', mutation, payload, request);
  old json;
  new json;
  differences jsonb;
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  old := tw.user_json();
  update auth.users u set name = coalesce(new_name, u.name), email = coalesce(new_email, u.email),
      time_zone = coalesce(new_zone, u.time_zone), updated_at = m.at,
      disabled_at = case when is_disabled then coalesce(u.disabled_at, m.at) when is_disabled is null then u.disabled_at end
    where u.id = tw.account() and (u.name <> new_name or u.email <> new_email or u.time_zone <> new_zone
      or (u.email is null and new_email is not null) or (u.disabled_at is not null) <> is_disabled);
  if not found then return tw.finish_mutation(m.space_id, m, '{}', old); end if;
  new := tw.user_json();
  -- The log has no e-mail addresses.
  differences := tw.differences(old, new) #- '{before,email}' #- '{after,email}';
  return tw.finish_mutation(m.space_id, m,
    array[row('update', 'account', m.user_id, differences->'before', differences->'after')::tw.change], new);
end $function$;
grant execute on function tw.update_user(uuid,bytea,uuid,uuid,bytea,text,text,text,text,boolean) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.user_json()
 RETURNS json
 LANGUAGE sql
 STABLE
AS $function$
  select json_build_object(
    'id', u.id, 'email', u.email, 'name', u.name, 'timeZone', u.time_zone, 'externalId', u.external_id, 'createdAt', tw.iso(u.created_at),
    'disabled', u.disabled_at is not null)
  from auth.users u where u.id = tw.account()
$function$;
grant execute on function tw.user_json() to taskwire_app;

CREATE OR REPLACE FUNCTION tw.users_page(after_id uuid, most integer)
 RETURNS TABLE(id uuid, email text, name text, time_zone text, external_id text, is_disabled boolean, created_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select u.id, u.email, u.name, u.time_zone, u.external_id, u.disabled_at is not null, u.created_at
  from auth.users u
  where u.id > after_id and exists (select from tw.service_keys k where k.id = tw.account() and 'users' = any (k.scopes))
  order by u.id
  limit most
$function$;
grant execute on function tw.users_page(uuid,integer) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.watch(spaces uuid[], credentials bytea[], acting uuid[], known bigint[])
 RETURNS TABLE(nr integer, refusal text, head bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;
grant execute on function tw.watch(uuid[],bytea[],uuid[],bigint[]) to taskwire_app;

CREATE OR REPLACE FUNCTION tw.zone(name text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select case upper(name) when 'CET' then 'Europe/Brussels' when 'MET' then 'Europe/Brussels'
  when 'EET' then 'Europe/Athens' when 'WET' then 'Europe/Lisbon' when 'EST' then 'America/Panama'
  when 'MST' then 'America/Phoenix' when 'HST' then 'Pacific/Honolulu' else name end
$function$;
grant execute on function tw.zone(text) to taskwire_app;

CREATE TRIGGER users_make_space AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION tw.make_space();

reset role;
alter function tw.add_user(uuid,text,bytea,text,text,text) owner to taskwire_definer;
alter function tw.authenticate(uuid,bytea,uuid,text) owner to taskwire_definer;
alter function tw.erase_me() owner to taskwire_definer;
alter function tw.make_space() owner to taskwire_definer;
alter function tw.search_locations(text[],integer) owner to taskwire_definer;
alter function tw.sweep(integer,integer) owner to taskwire_definer;
alter function tw.users_page(uuid,integer) owner to taskwire_definer;
alter function tw.watch(uuid[],bytea[],uuid[],bigint[]) owner to taskwire_definer;
