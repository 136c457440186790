-- Row-level security applies to the tables' owner too.
alter table tw.spaces force row level security;
alter table tw.lists force row level security;
alter table tw.tasks force row level security;
alter table tw.changes force row level security;
alter table tw.mutations force row level security;
alter table tw.api_keys force row level security;
alter table tw.service_keys force row level security;
alter table auth.users force row level security;
alter table auth.sessions force row level security;
alter table auth.accounts force row level security;
alter table auth.password_resets force row level security;
alter table auth.sign_in_attempts force row level security;
--> statement-breakpoint
-- The position index: a list's live tasks by position. The inbox has the space's id. `case` here and in what is compared
-- with it: coalesce() is not leakproof, and under row-level security only leakproof comparisons are index conditions
-- (130 ms instead of 0.1 in a list of 50 thousand).
create unique index tasks_position_key on tw.tasks (space_id, (case when list_id is null then space_id else list_id end), position) where deleted_at is null;
--> statement-breakpoint
-- Free space in each page for updates in place.
alter table tw.spaces set (fillfactor = 50);
alter table tw.tasks set (fillfactor = 90);
--> statement-breakpoint
-- No statistics on these columns, so that the planner assumes that each space and account has many rows. Statistics do not
-- cover a space that was created or grew after the last ANALYZE, and a plan for few rows may read all of its rows again
-- for each task of a call.
alter table tw.lists alter column space_id set statistics 0;
alter table tw.tasks alter column space_id set statistics 0;
alter table tw.changes alter column space_id set statistics 0;
alter table tw.mutations alter column space_id set statistics 0;
alter table tw.api_keys alter column user_id set statistics 0;
--> statement-breakpoint

-- Search. tw.unspaced() are the characters of scripts without spaces between words, where a word may begin and end at any
-- character. tw.marks() are vowel signs and accents, which belong to a word though PostgreSQL does not count them as
-- letters. Both are ranges of a bracket expression; functions.db.test.ts compares them with Unicode's properties.
create function tw.unspaced() returns text language sql immutable parallel safe
return '\u00b7\u02bc\u02c7\u02c9-\u02cb\u02d7\u02d9\u02ea-\u02eb\u0303\u0305\u0323\u0331\u0e01-\u0e3a\u0e40-\u0e5b\u0e81-\u0e82\u0e84\u0e86-\u0e8a\u0e8c-\u0ea3\u0ea5\u0ea7-\u0ebd\u0ec0-\u0ec4\u0ec6\u0ec8-\u0ece\u0ed0-\u0ed9\u0edc-\u0edf\u1000-\u109f\u1100-\u11ff\u1780-\u17dd\u17e0-\u17e9\u17f0-\u17f9\u19e0-\u19ff\u2e80-\u2e99\u2e9b-\u2ef3\u2f00-\u2fd5\u2ff0-\u2fff\u3001-\u3003\u3005-\u3011\u3013-\u301f\u3021-\u3035\u3037-\u303f\u3041-\u3096\u3099-\u30ff\u3105-\u312f\u3131-\u318e\u3190-\u31e5\u31ef-\u321e\u3220-\u3247\u3260-\u327e\u3280-\u32b0\u32c0-\u32cb\u32d0-\u3370\u337b-\u337f\u33e0-\u33fe\u3400-\u4dbf\u4e00-\u9fff\ua700-\ua707\ua92e\ua960-\ua97c\ua9e0-\ua9fe\uaa60-\uaa7f\uac00-\ud7a3\ud7b0-\ud7c6\ud7cb-\ud7fb\uf900-\ufa6d\ufa70-\ufad9\ufe45-\ufe46\uff61-\uffbe\uffc2-\uffc7\uffca-\uffcf\uffd2-\uffd7\uffda-\uffdc\U000116d0-\U000116e3\U00016fe2-\U00016fe3\U00016ff0-\U00016ff6\U0001aff0-\U0001aff3\U0001aff5-\U0001affb\U0001affd-\U0001affe\U0001b000-\U0001b122\U0001b132\U0001b150-\U0001b152\U0001b155\U0001b164-\U0001b167\U0001d360-\U0001d371\U0001f200\U0001f250-\U0001f251\U00020000-\U0002a6df\U0002a700-\U0002b81d\U0002b820-\U0002cead\U0002ceb0-\U0002ebe0\U0002ebf0-\U0002ee5d\U0002f800-\U0002fa1d\U00030000-\U0003134a\U00031350-\U00033479';
--> statement-breakpoint
create function tw.marks() returns text language sql immutable parallel safe
return '\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1-\u05c2\u05c4-\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7-\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u07a6-\u07b0\u07eb-\u07f3\u07fd\u0816-\u0819\u081b-\u0823\u0825-\u0827\u0829-\u082d\u0859-\u085b\u0897-\u089f\u08ca-\u08e1\u08e3-\u0903\u093a-\u093c\u093e-\u094f\u0951-\u0957\u0962-\u0963\u0981-\u0983\u09bc\u09be-\u09c4\u09c7-\u09c8\u09cb-\u09cd\u09d7\u09e2-\u09e3\u09fe\u0a01-\u0a03\u0a3c\u0a3e-\u0a42\u0a47-\u0a48\u0a4b-\u0a4d\u0a51\u0a70-\u0a71\u0a75\u0a81-\u0a83\u0abc\u0abe-\u0ac5\u0ac7-\u0ac9\u0acb-\u0acd\u0ae2-\u0ae3\u0afa-\u0aff\u0b01-\u0b03\u0b3c\u0b3e-\u0b44\u0b47-\u0b48\u0b4b-\u0b4d\u0b55-\u0b57\u0b62-\u0b63\u0b82\u0bbe-\u0bc2\u0bc6-\u0bc8\u0bca-\u0bcd\u0bd7\u0c00-\u0c04\u0c3c\u0c3e-\u0c44\u0c46-\u0c48\u0c4a-\u0c4d\u0c55-\u0c56\u0c62-\u0c63\u0c81-\u0c83\u0cbc\u0cbe-\u0cc4\u0cc6-\u0cc8\u0cca-\u0ccd\u0cd5-\u0cd6\u0ce2-\u0ce3\u0cf3\u0d00-\u0d03\u0d3b-\u0d3c\u0d3e-\u0d44\u0d46-\u0d48\u0d4a-\u0d4d\u0d57\u0d62-\u0d63\u0d81-\u0d83\u0dca\u0dcf-\u0dd4\u0dd6\u0dd8-\u0ddf\u0df2-\u0df3\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u0f18-\u0f19\u0f35\u0f37\u0f39\u0f3e-\u0f3f\u0f71-\u0f84\u0f86-\u0f87\u0f8d-\u0f97\u0f99-\u0fbc\u0fc6\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064\u1067-\u106d\u1071-\u1074\u1082-\u108d\u108f\u109a-\u109d\u135d-\u135f\u1712-\u1715\u1732-\u1734\u1752-\u1753\u1772-\u1773\u17b4-\u17d3\u17dd\u180b-\u180d\u180f\u1885-\u1886\u18a9\u1920-\u192b\u1930-\u193b\u1a17-\u1a1b\u1a55-\u1a5e\u1a60-\u1a7c\u1a7f\u1ab0-\u1add\u1ae0-\u1aeb\u1b00-\u1b04\u1b34-\u1b44\u1b6b-\u1b73\u1b80-\u1b82\u1ba1-\u1bad\u1be6-\u1bf3\u1c24-\u1c37\u1cd0-\u1cd2\u1cd4-\u1ce8\u1ced\u1cf4\u1cf7-\u1cf9\u1dc0-\u1dff\u20d0-\u20e2\u20e4-\u20f0\u2cef-\u2cf1\u2d7f\u2de0-\u2dff\u302a-\u302f\u3099-\u309a\ua66f-\ua672\ua674-\ua67d\ua69e-\ua69f\ua6f0-\ua6f1\ua802\ua806\ua80b\ua823-\ua827\ua82c\ua880-\ua881\ua8b4-\ua8c5\ua8e0-\ua8f1\ua8ff\ua926-\ua92d\ua947-\ua953\ua980-\ua983\ua9b3-\ua9c0\ua9e5\uaa29-\uaa36\uaa43\uaa4c-\uaa4d\uaa7b-\uaa7d\uaab0\uaab2-\uaab4\uaab7-\uaab8\uaabe-\uaabf\uaac1\uaaeb-\uaaef\uaaf5-\uaaf6\uabe3-\uabea\uabec-\uabed\ufb1e\ufe20-\ufe2f\U000101fd\U000102e0\U00010376-\U0001037a\U00010a01-\U00010a03\U00010a05-\U00010a06\U00010a0c-\U00010a0f\U00010a38-\U00010a3a\U00010a3f\U00010ae5-\U00010ae6\U00010d24-\U00010d27\U00010d69-\U00010d6d\U00010eab-\U00010eac\U00010efa-\U00010eff\U00010f46-\U00010f50\U00010f82-\U00010f85\U00011000-\U00011002\U00011038-\U00011046\U00011070\U00011073-\U00011074\U0001107f-\U00011082\U000110b0-\U000110ba\U000110c2\U00011100-\U00011102\U00011127-\U00011134\U00011145-\U00011146\U00011173\U00011180-\U00011182\U000111b3-\U000111c0\U000111c9-\U000111cc\U000111ce-\U000111cf\U0001122c-\U00011237\U0001123e\U00011241\U000112df-\U000112ea\U00011300-\U00011303\U0001133b-\U0001133c\U0001133e-\U00011344\U00011347-\U00011348\U0001134b-\U0001134d\U00011357\U00011362-\U00011363\U00011366-\U0001136c\U00011370-\U00011374\U000113b8-\U000113c0\U000113c2\U000113c5\U000113c7-\U000113ca\U000113cc-\U000113d0\U000113d2\U000113e1-\U000113e2\U00011435-\U00011446\U0001145e\U000114b0-\U000114c3\U000115af-\U000115b5\U000115b8-\U000115c0\U000115dc-\U000115dd\U00011630-\U00011640\U000116ab-\U000116b7\U0001171d-\U0001172b\U0001182c-\U0001183a\U00011930-\U00011935\U00011937-\U00011938\U0001193b-\U0001193e\U00011940\U00011942-\U00011943\U000119d1-\U000119d7\U000119da-\U000119e0\U000119e4\U00011a01-\U00011a0a\U00011a33-\U00011a39\U00011a3b-\U00011a3e\U00011a47\U00011a51-\U00011a5b\U00011a8a-\U00011a99\U00011b60-\U00011b67\U00011c2f-\U00011c36\U00011c38-\U00011c3f\U00011c92-\U00011ca7\U00011ca9-\U00011cb6\U00011d31-\U00011d36\U00011d3a\U00011d3c-\U00011d3d\U00011d3f-\U00011d45\U00011d47\U00011d8a-\U00011d8e\U00011d90-\U00011d91\U00011d93-\U00011d97\U00011ef3-\U00011ef6\U00011f00-\U00011f01\U00011f03\U00011f34-\U00011f3a\U00011f3e-\U00011f42\U00011f5a\U00013440\U00013447-\U00013455\U0001611e-\U0001612f\U00016af0-\U00016af4\U00016b30-\U00016b36\U00016f4f\U00016f51-\U00016f87\U00016f8f-\U00016f92\U00016fe4\U00016ff0-\U00016ff1\U0001bc9d-\U0001bc9e\U0001cf00-\U0001cf2d\U0001cf30-\U0001cf46\U0001d165-\U0001d169\U0001d16d-\U0001d172\U0001d17b-\U0001d182\U0001d185-\U0001d18b\U0001d1aa-\U0001d1ad\U0001d242-\U0001d244\U0001da00-\U0001da36\U0001da3b-\U0001da6c\U0001da75\U0001da84\U0001da9b-\U0001da9f\U0001daa1-\U0001daaf\U0001e000-\U0001e006\U0001e008-\U0001e018\U0001e01b-\U0001e021\U0001e023-\U0001e024\U0001e026-\U0001e02a\U0001e08f\U0001e130-\U0001e136\U0001e2ae\U0001e2ec-\U0001e2ef\U0001e4ec-\U0001e4ef\U0001e5ee-\U0001e5ef\U0001e6e3\U0001e6e6\U0001e6ee-\U0001e6ef\U0001e6f5\U0001e8d0-\U0001e8d6\U0001e944-\U0001e94a\U000e0100-\U000e01ef';
--> statement-breakpoint
-- The text without case and accents, as foldForSearch() of the contract returns it.
create function tw.unaccented(x text) returns text language sql immutable parallel safe
return replace(replace(replace(replace(translate(
  normalize(regexp_replace(normalize(lower(x collate "und-x-icu"), nfd), '(?<![\u0400-\u052f<=>\u2190-\u22ff])[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\ufe00-\ufe0f\u0640]', '', 'g'), nfc),
  E'ςıёѐѝøłđðħŧ\u0300\u0301', 'σiееиolddht'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
--> statement-breakpoint
-- The text that is searched. Most texts only need lower case, which takes a sixth of the time.
create function tw.folded(title text, description text) returns text language sql immutable parallel safe
return case when title || E'\n' || coalesce(description, '') ~ '[\u00c0-\u03ff\u0400\u0401\u040d\u0450\u0451\u045d\u0591-\u06ed\u1e00-\u1fff\ufb1d-\ufb4e\ufe00-\ufe0f\U000105c9\U000105e4]'
  then tw.unaccented(title || E'\n' || coalesce(description, ''))
  else lower((title || E'\n' || coalesce(description, '')) collate "und-x-icu") end;
--> statement-breakpoint
-- The terms of folded text in the search index: its words, each pair of characters in scripts without spaces, and each
-- symbol other than punctuation. A text that matches a word of a search has, for each term of that word, a term that
-- begins with it.
create function tw.search_terms(folded text) returns text[] language plpgsql immutable parallel safe as $$
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
end $$;
--> statement-breakpoint
-- The prefix of each term, so that a look-up reads (almost) only the terms of one space.
create function tw.search_key(u uuid) returns text language sql immutable parallel safe
return encode(substring(uuid_send(u) from 11), 'base64');
--> statement-breakpoint
create function tw.search_vector(u uuid, title text, description text) returns tsvector language plpgsql immutable parallel safe as $$
declare
  k constant text := tw.search_key(u);
begin
  return array_to_tsvector(array(select k || t from unnest(tw.search_terms(tw.folded(title, description))) t));
end $$;
--> statement-breakpoint
-- A short pending list, since every look-up reads it.
create index tasks_search_idx on tw.tasks using gin (tw.search_vector(space_id, title, description)) with (gin_pending_list_limit = 256);
--> statement-breakpoint

-- A task as in the contract, for tw.task_json().
create type tw.task_shape as (
  id uuid, "spaceId" uuid, "userId" uuid, "listId" uuid, title text, description text, complete boolean, "completedAt" text, priority text,
  tags text[], due json, "dueAt" text, position text, revision bigint, "createdAt" text, "updatedAt" text, "deletedAt" text);
--> statement-breakpoint
-- The caller and the space that the call acts in, as tw.authenticate() returns them. `kind` is `user` for a session and for a
-- user for whom an issuer vouches, `key` for an API key of the user, `service` for a service key that acts for the user.
-- `key_id` is null for the first, `session_expires` for all but a session.
create type tw.caller as (space_id uuid, user_id uuid, session_expires timestamptz, kind text, key_id uuid);
--> statement-breakpoint
-- A mutation that has begun and holds the lock of its space. The first fields are the caller's, as in tw.caller. `id` is
-- the mutation id, null if the caller sent none. `payload` is the hash of procedure and input, which distinguishes a repeat
-- from another mutation with the same id. `request` is the id of the HTTP request. `revision` is that of the space and
-- rises with each Change logged; `at` is the time of all changes. `replayed` means that the mutation was applied before:
-- then `reply` and `revision` are those of the first time, and `reply` is null if it is no longer kept.
create type tw.mutation as (
  space_id uuid, user_id uuid, session_expires timestamptz, kind text, key_id uuid,
  id uuid, payload bytea, request text, revision bigint, at timestamptz, replayed boolean, reply json);
--> statement-breakpoint
-- A Change before it is logged. `entity` is `task`, `list`, `account` or `key`. `before` and `after` hold the fields that
-- differ, named as in the contract; `before` is null if the entity was created, `after` if it was deleted.
create type tw.change as (action text, entity text, entity_id uuid, before jsonb, after jsonb);
--> statement-breakpoint
-- The positions for tasks, in the order of the request, and the mutation, whose revision has risen if tasks were
-- rebalanced for them.
create type tw.placement as (m tw.mutation, positions text[]);
--> statement-breakpoint
-- The answer of a mutation. `outcome` is `ok`, or names why nothing was changed (REFUSALS in
-- apps/api/src/procedures/mutate.ts). For `ok`, `reply` is the reply to the caller, null for a repeat whose reply is no
-- longer kept. For a refusal it is the current row, or the path in the input of an id that does not exist, such as
-- `"after"`, null for the usual path. `revision` is the space's after the mutation; the other fields are those of
-- tw.mutation.
create type tw.answer as (
  outcome text, reply json, revision bigint, replayed boolean, space_id uuid, user_id uuid, session_expires timestamptz);
--> statement-breakpoint
-- Creates the personal space of a new account.
create function tw.make_space() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into tw.spaces (id, owner_id) values (new.id, new.id);
  return new;
end $$;
--> statement-breakpoint
create trigger users_make_space after insert on auth.users for each row execute function tw.make_space();
--> statement-breakpoint

-- By default PUBLIC may execute every function: revoked for these and for all later ones.
revoke all on all functions in schema tw, auth from public;
alter default privileges revoke execute on functions from public;
grant usage on schema tw to taskwire_app, taskwire_definer;
grant usage on schema auth to taskwire_app, taskwire_auth, taskwire_definer;
grant execute on all functions in schema tw to taskwire_app;
-- Only a trigger calls it, for which its caller needs no right.
revoke execute on function tw.make_space() from taskwire_app;
-- It checks the names of accounts and spaces.
grant execute on function tw.is_line(text, int) to taskwire_auth, taskwire_definer;
grant execute on function tw.space(), tw.account(), tw.unspaced(), tw.marks(), tw.unaccented(text), tw.folded(text, text), tw.search_terms(text), tw.search_key(uuid),
  tw.search_vector(uuid, text, text) to taskwire_definer;
--> statement-breakpoint
-- The service may update these columns only: not ids, owners and creation times.
grant select on tw.spaces to taskwire_app;
grant update (revision, changed_at) on tw.spaces to taskwire_app;
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
grant select (id, email, external_id, name, time_zone, disabled_at, created_at) on auth.users to taskwire_app;
grant update (name, email, time_zone, disabled_at, updated_at) on auth.users to taskwire_app;
--> statement-breakpoint
grant select, insert, update, delete on all tables in schema auth to taskwire_auth;
--> statement-breakpoint
grant select, insert on tw.spaces to taskwire_definer;
grant update (revision) on tw.spaces to taskwire_definer;
grant select, delete on tw.changes, tw.mutations to taskwire_definer;
grant update (reply) on tw.mutations to taskwire_definer;
-- SELECT … FOR UPDATE requires the right to update at least one column.
grant update (redacted) on tw.changes to taskwire_definer;
grant update (updated_at) on auth.sessions to taskwire_definer;
grant select on tw.api_keys, tw.service_keys to taskwire_definer;
grant select (ctid, space_id, title, description) on tw.tasks to taskwire_definer;
grant select (id, token_hash, user_id, expires_at), delete on auth.sessions to taskwire_definer;
grant select (id, external_id, issuer, name, email, time_zone, disabled_at, created_at), delete on auth.users to taskwire_definer;
grant insert (id, external_id, issuer, name, email, time_zone) on auth.users to taskwire_definer;
grant update (issuer) on auth.users to taskwire_definer;
--> statement-breakpoint
grant usage on schema tw, auth to taskwire_backup;
grant select on all tables in schema tw, auth to taskwire_backup;
--> statement-breakpoint
-- Last, since a new owner needs the right to create in the schema, which is granted for this alone.
grant create on schema tw to taskwire_definer;
alter function tw.make_space() owner to taskwire_definer;
revoke create on schema tw from taskwire_definer;
