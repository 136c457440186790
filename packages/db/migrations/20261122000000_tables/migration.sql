CREATE SCHEMA "auth";
--> statement-breakpoint
CREATE SCHEMA "tw";
--> statement-breakpoint
-- Functions that the domains, constraints and policies below call.
-- The space that the call acts in, and the caller's account. Outside of a call each is the nil UUID, not null: the planner
-- evaluates them too, and with null it would expect no rows. `case` and not coalesce(), which is not leakproof: under
-- row-level security a comparison with it is not an index condition.
create function tw.space() returns uuid language sql stable parallel safe
return (case when current_setting('app.space', true) <> '' then current_setting('app.space', true)
  else '00000000-0000-0000-0000-000000000000' end)::uuid;
--> statement-breakpoint
create function tw.account() returns uuid language sql stable parallel safe
return (case when current_setting('app.account', true) <> '' then current_setting('app.account', true)
  else '00000000-0000-0000-0000-000000000000' end)::uuid;
--> statement-breakpoint
-- One line of text as in the contract (text.ts), without what JavaScript's trim() removes at its ends; \s does not match
-- all of that.
create function tw.is_line(line text, most int) returns boolean language sql immutable parallel safe
return char_length(line) between 1 and most and line is nfc normalized and line !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]'
  and line = btrim(line, U&'\0020\00A0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200A\2028\2029\202F\205F\3000\FEFF');
--> statement-breakpoint
create function tw.are_tags(tags text[], most int, longest int) returns boolean
language plpgsql immutable strict parallel safe as $$
declare
  t text;
begin
  if cardinality(tags) > most or array_ndims(tags) <> 1 or array_lower(tags, 1) <> 1 then return false; end if;
  foreach t in array tags loop
    if t is null or not tw.is_line(t, longest) then return false; end if;
  end loop;
  return true;
end $$;
--> statement-breakpoint
create function tw.are_distinct(keys text[]) returns boolean language plpgsql immutable strict parallel safe as $$
begin
  if array_ndims(keys) <> 1 or array_lower(keys, 1) <> 1 or array_position(keys, null) is not null then return false; end if;
  for i in 2..cardinality(keys) loop
    if keys[i] = any (keys[:i - 1]) then return false; end if;
  end loop;
  return true;
end $$;
--> statement-breakpoint
-- The rules of single columns. Domains and not CHECKs of tables, since every statement that writes to a table parses all
-- of its CHECKs again, whatever columns it writes (ADR 28).
create domain tw.account_name as text constraint account_name_check check (tw.is_line(value, 100));
create domain tw.key_name as text constraint key_name_check check (tw.is_line(value, 100));
create domain tw.list_name as text constraint list_name_check check (tw.is_line(value, 100));
create domain tw.space_kind as text constraint space_kind_check check (value = 'personal');
create domain tw.space_name as text constraint space_name_check check (tw.is_line(value, 100));
create domain tw.title as text constraint title_check check (tw.is_line(value, 200));
create domain tw.description as text
  constraint description_check check (char_length(value) <= 1000 and value is nfc normalized);
create domain tw.email as text constraint email_check check (value = lower(value) and char_length(value) between 3 and 320);
create domain tw.external_id as text constraint external_id_check check (tw.is_line(value, 200));
create domain tw.time_zone as text constraint time_zone_check check (char_length(value) between 1 and 100);
create domain tw.priority as smallint constraint priority_check check (value between 0 and 4);
-- `{}` is compared first, since most tasks have no tags and the functions cost more than all other checks together.
create domain tw.tags as text[] constraint tags_check check (value = '{}' or tw.are_tags(value, 10, 50));
create domain tw.tag_keys as text[] constraint tag_keys_check check (value = '{}' or tw.are_distinct(value));
create domain tw.due_date as date constraint due_date_check check (value between '0001-01-01' and '9999-12-31');
-- PostgreSQL also accepts 24:00.
create domain tw.due_time as time(0) constraint due_time_check check (extract(second from value) = 0 and value < '24:00');
create domain tw.due_instant as timestamptz(3)
  constraint due_instant_check check (value between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999+00');
-- Eight hexadecimal digits and a fraction. No fraction ends in 0, since no position would fit before it.
create domain tw.position as text collate "C" constraint position_check check (value ~ '^[0-9a-f]{8}([0-9a-f]*[1-9a-f])?$');
create domain tw.revision as bigint constraint revision_check check (value > 0);
-- The latest revision of a space.
create domain tw.head as bigint constraint head_check check (value >= 0);
create domain tw.scopes as text[]
  constraint scopes_check check (value <@ array['tasks:read', 'tasks:write', 'account'] and cardinality(value) > 0);
create domain tw.service_scopes as text[]
  constraint service_scopes_check check (value <@ array['tasks:read', 'tasks:write', 'users'] and cardinality(value) > 0);
create domain tw.sha256 as bytea constraint sha256_check check (octet_length(value) = 32);
--> statement-breakpoint
CREATE TABLE "auth"."accounts" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	"user_id" uuid NOT NULL,
	"provider_id" text NOT NULL,
	"account_id" text NOT NULL,
	"password" text,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "accounts_provider_id_account_id_key" UNIQUE("provider_id","account_id")
);
--> statement-breakpoint
ALTER TABLE "auth"."accounts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "auth"."password_resets" (
	"user_id" uuid PRIMARY KEY,
	"token_hash" tw.sha256 NOT NULL CONSTRAINT "password_resets_token_hash_key" UNIQUE,
	"expires_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "auth"."password_resets" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "auth"."sessions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	"user_id" uuid NOT NULL,
	"token_hash" tw.sha256 NOT NULL CONSTRAINT "sessions_token_hash_key" UNIQUE,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"ip_address" text,
	"user_agent" text,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "auth"."sessions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "auth"."sign_in_attempts" (
	"key" tw.sha256 PRIMARY KEY,
	"spent_until" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "auth"."sign_in_attempts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "auth"."users" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	"name" tw.account_name NOT NULL,
	"email" tw.email,
	"external_id" tw.external_id CONSTRAINT "users_external_id_key" UNIQUE,
	"issuer" tw.sha256,
	"disabled_at" timestamp(3) with time zone,
	"email_verified" boolean DEFAULT false NOT NULL,
	"image" text,
	"time_zone" tw.time_zone DEFAULT 'UTC' NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_email_external_id_check" CHECK ("email" is not null or "external_id" is not null),
	CONSTRAINT "users_issuer_external_id_check" CHECK ("issuer" is null or "external_id" is not null),
	CONSTRAINT "users_id_check" CHECK ("id" <> '00000000-0000-0000-0000-000000000000')
);
--> statement-breakpoint
ALTER TABLE "auth"."users" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tw"."changes" (
	"space_id" uuid,
	"revision" tw.revision,
	"commit" bigint NOT NULL,
	"at" timestamp(3) with time zone NOT NULL,
	"mutation_id" uuid,
	"request_id" text,
	"actor_kind" text NOT NULL,
	"actor_user_id" uuid,
	"actor_key_id" uuid,
	"action" text NOT NULL,
	"entity" text NOT NULL,
	"entity_id" uuid NOT NULL,
	"before" jsonb,
	"after" jsonb,
	"redacted" boolean DEFAULT false NOT NULL,
	CONSTRAINT "changes_pkey" PRIMARY KEY("space_id","revision"),
	CONSTRAINT "changes_commit_check" CHECK ("commit" >= "revision"),
	CONSTRAINT "changes_before_after_check" CHECK ("before" is not null or "after" is not null)
);
--> statement-breakpoint
ALTER TABLE "tw"."changes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tw"."mutations" (
	"space_id" uuid,
	"mutation_id" uuid,
	"user_id" uuid,
	"payload_hash" tw.sha256 NOT NULL,
	"reply" json,
	"revision" bigint NOT NULL,
	"at" timestamp(3) with time zone NOT NULL,
	"unchanged_id" uuid,
	CONSTRAINT "mutations_pkey" PRIMARY KEY("space_id","mutation_id")
);
--> statement-breakpoint
ALTER TABLE "tw"."mutations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tw"."api_keys" (
	"user_id" uuid,
	"id" uuid,
	"space_id" uuid,
	"name" tw.key_name NOT NULL,
	"scopes" tw.scopes NOT NULL,
	"secret_hash" tw.sha256 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"expires_at" timestamp(3) with time zone,
	CONSTRAINT "api_keys_pkey" PRIMARY KEY("user_id","id"),
	CONSTRAINT "api_keys_space_id_check" CHECK ("space_id" is null or not 'account' = any ("scopes"))
);
--> statement-breakpoint
ALTER TABLE "tw"."api_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tw"."service_keys" (
	"id" uuid PRIMARY KEY,
	"name" tw.key_name NOT NULL CONSTRAINT "service_keys_name_key" UNIQUE,
	"scopes" tw.service_scopes NOT NULL,
	"secret_hash" tw.sha256 NOT NULL CONSTRAINT "service_keys_secret_hash_key" UNIQUE,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp(3) with time zone
);
--> statement-breakpoint
ALTER TABLE "tw"."service_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tw"."lists" (
	"space_id" uuid,
	"id" uuid,
	"name" tw.list_name NOT NULL,
	"name_key" text NOT NULL,
	"position" tw.position NOT NULL,
	"revision" tw.revision NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "lists_pkey" PRIMARY KEY("space_id","id"),
	CONSTRAINT "lists_name_key" UNIQUE("space_id","name_key"),
	CONSTRAINT "lists_position_key" UNIQUE("space_id","position"),
	CONSTRAINT "lists_id_check" CHECK ("id" <> "space_id")
);
--> statement-breakpoint
ALTER TABLE "tw"."lists" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tw"."spaces" (
	"id" uuid PRIMARY KEY,
	"kind" tw.space_kind DEFAULT 'personal' NOT NULL,
	"owner_id" uuid NOT NULL,
	"name" tw.space_name DEFAULT 'Personal' NOT NULL,
	"revision" tw.head DEFAULT 0 NOT NULL,
	"changed_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "spaces_owner_id_check" CHECK ("owner_id" = "id")
);
--> statement-breakpoint
ALTER TABLE "tw"."spaces" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tw"."tasks" (
	"space_id" uuid,
	"id" uuid,
	"user_id" uuid,
	"list_id" uuid,
	"title" tw.title NOT NULL,
	"description" tw.description,
	"complete" boolean DEFAULT false NOT NULL,
	"completed_at" timestamp(3) with time zone,
	"priority" tw.priority DEFAULT 0 NOT NULL,
	"tags" tw.tags DEFAULT '{}' NOT NULL,
	"tag_keys" tw.tag_keys DEFAULT '{}' NOT NULL,
	"due_date" tw.due_date,
	"due_time" tw.due_time,
	"due_zone" tw.time_zone,
	"due_at" tw.due_instant,
	"position" tw.position NOT NULL,
	"revision" tw.revision NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"deleted_at" timestamp(3) with time zone,
	CONSTRAINT "tasks_pkey" PRIMARY KEY("space_id","id"),
	CONSTRAINT "tasks_completed_at_check" CHECK ("complete" = ("completed_at" is not null)),
	CONSTRAINT "tasks_tags_check" CHECK (cardinality("tags") = cardinality("tag_keys")),
	CONSTRAINT "tasks_due_check" CHECK (("due_time" is null) = ("due_zone" is null) and ("due_time" is null) = ("due_at" is null) and ("due_date" is not null or "due_time" is null)),
	CONSTRAINT "tasks_updated_at_check" CHECK ("updated_at" >= "created_at")
);
--> statement-breakpoint
ALTER TABLE "tw"."tasks" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE INDEX "accounts_user_id_idx" ON "auth"."accounts" ("user_id");--> statement-breakpoint
CREATE INDEX "sessions_user_id_idx" ON "auth"."sessions" ("user_id");--> statement-breakpoint
CREATE INDEX "sessions_expires_at_idx" ON "auth"."sessions" ("expires_at");--> statement-breakpoint
CREATE INDEX "sign_in_attempts_spent_until_idx" ON "auth"."sign_in_attempts" ("spent_until");--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_key" ON "auth"."users" ("email") WHERE external_id is null;--> statement-breakpoint
CREATE INDEX "changes_entity_id_idx" ON "tw"."changes" ("space_id","entity_id");--> statement-breakpoint
CREATE INDEX "changes_at_idx" ON "tw"."changes" ("at");--> statement-breakpoint
CREATE INDEX "changes_system_idx" ON "tw"."changes" ("space_id","revision") WHERE actor_kind = 'system';--> statement-breakpoint
CREATE INDEX "mutations_at_idx" ON "tw"."mutations" ("at");--> statement-breakpoint
CREATE INDEX "mutations_reply_idx" ON "tw"."mutations" ("at") WHERE reply is not null;--> statement-breakpoint
CREATE INDEX "mutations_unchanged_id_idx" ON "tw"."mutations" ("space_id","unchanged_id") WHERE unchanged_id is not null;--> statement-breakpoint
CREATE INDEX "api_keys_space_id_idx" ON "tw"."api_keys" ("space_id") WHERE space_id is not null;--> statement-breakpoint
CREATE INDEX "api_keys_secret_hash_idx" ON "tw"."api_keys" ("secret_hash");--> statement-breakpoint
CREATE INDEX "spaces_owner_id_idx" ON "tw"."spaces" ("owner_id");--> statement-breakpoint
CREATE INDEX "tasks_created_at_idx" ON "tw"."tasks" ("space_id","created_at","id") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "tasks_list_id_idx" ON "tw"."tasks" ("space_id","list_id") WHERE list_id is not null;--> statement-breakpoint
CREATE INDEX "tasks_due_idx" ON "tw"."tasks" ("space_id","due_date",(case when due_at is null then '-infinity' else due_at end),"id") WHERE deleted_at is null;--> statement-breakpoint
ALTER TABLE "auth"."accounts" ADD CONSTRAINT "accounts_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "auth"."password_resets" ADD CONSTRAINT "password_resets_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "auth"."sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "tw"."changes" ADD CONSTRAINT "changes_space_id_fkey" FOREIGN KEY ("space_id") REFERENCES "tw"."spaces"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "tw"."mutations" ADD CONSTRAINT "mutations_space_id_fkey" FOREIGN KEY ("space_id") REFERENCES "tw"."spaces"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "tw"."api_keys" ADD CONSTRAINT "api_keys_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth"."users"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "tw"."api_keys" ADD CONSTRAINT "api_keys_space_id_fkey" FOREIGN KEY ("space_id") REFERENCES "tw"."spaces"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "tw"."lists" ADD CONSTRAINT "lists_space_id_fkey" FOREIGN KEY ("space_id") REFERENCES "tw"."spaces"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "tw"."spaces" ADD CONSTRAINT "spaces_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "auth"."users"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "tw"."tasks" ADD CONSTRAINT "tasks_space_id_fkey" FOREIGN KEY ("space_id") REFERENCES "tw"."spaces"("id") ON DELETE CASCADE;--> statement-breakpoint
ALTER TABLE "tw"."tasks" ADD CONSTRAINT "tasks_list_id_fkey" FOREIGN KEY ("space_id","list_id") REFERENCES "tw"."lists"("space_id","id");--> statement-breakpoint
CREATE POLICY "accounts_owner" ON "auth"."accounts" AS PERMISSIVE FOR ALL TO "taskwire_owner" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "accounts_definer" ON "auth"."accounts" AS PERMISSIVE FOR ALL TO "taskwire_definer" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "accounts_auth" ON "auth"."accounts" AS PERMISSIVE FOR ALL TO "taskwire_auth" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "accounts_backup" ON "auth"."accounts" AS PERMISSIVE FOR SELECT TO "taskwire_backup" USING (true);--> statement-breakpoint
CREATE POLICY "password_resets_owner" ON "auth"."password_resets" AS PERMISSIVE FOR ALL TO "taskwire_owner" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "password_resets_definer" ON "auth"."password_resets" AS PERMISSIVE FOR ALL TO "taskwire_definer" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "password_resets_auth" ON "auth"."password_resets" AS PERMISSIVE FOR ALL TO "taskwire_auth" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "password_resets_backup" ON "auth"."password_resets" AS PERMISSIVE FOR SELECT TO "taskwire_backup" USING (true);--> statement-breakpoint
CREATE POLICY "sessions_owner" ON "auth"."sessions" AS PERMISSIVE FOR ALL TO "taskwire_owner" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "sessions_definer" ON "auth"."sessions" AS PERMISSIVE FOR ALL TO "taskwire_definer" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "sessions_auth" ON "auth"."sessions" AS PERMISSIVE FOR ALL TO "taskwire_auth" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "sessions_backup" ON "auth"."sessions" AS PERMISSIVE FOR SELECT TO "taskwire_backup" USING (true);--> statement-breakpoint
CREATE POLICY "sign_in_attempts_owner" ON "auth"."sign_in_attempts" AS PERMISSIVE FOR ALL TO "taskwire_owner" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "sign_in_attempts_definer" ON "auth"."sign_in_attempts" AS PERMISSIVE FOR ALL TO "taskwire_definer" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "sign_in_attempts_auth" ON "auth"."sign_in_attempts" AS PERMISSIVE FOR ALL TO "taskwire_auth" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "sign_in_attempts_backup" ON "auth"."sign_in_attempts" AS PERMISSIVE FOR SELECT TO "taskwire_backup" USING (true);--> statement-breakpoint
CREATE POLICY "users_app" ON "auth"."users" AS PERMISSIVE FOR ALL TO "taskwire_app" USING (id = tw.account()) WITH CHECK (id = tw.account());--> statement-breakpoint
CREATE POLICY "users_owner" ON "auth"."users" AS PERMISSIVE FOR ALL TO "taskwire_owner" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "users_definer" ON "auth"."users" AS PERMISSIVE FOR ALL TO "taskwire_definer" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "users_backup" ON "auth"."users" AS PERMISSIVE FOR SELECT TO "taskwire_backup" USING (true);--> statement-breakpoint
CREATE POLICY "users_auth" ON "auth"."users" AS PERMISSIVE FOR ALL TO "taskwire_auth" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "changes_app" ON "tw"."changes" AS PERMISSIVE FOR ALL TO "taskwire_app" USING (space_id = tw.space()) WITH CHECK (space_id = tw.space());--> statement-breakpoint
CREATE POLICY "changes_owner" ON "tw"."changes" AS PERMISSIVE FOR ALL TO "taskwire_owner" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "changes_definer" ON "tw"."changes" AS PERMISSIVE FOR ALL TO "taskwire_definer" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "changes_backup" ON "tw"."changes" AS PERMISSIVE FOR SELECT TO "taskwire_backup" USING (true);--> statement-breakpoint
CREATE POLICY "mutations_app" ON "tw"."mutations" AS PERMISSIVE FOR ALL TO "taskwire_app" USING (space_id = tw.space()) WITH CHECK (space_id = tw.space());--> statement-breakpoint
CREATE POLICY "mutations_owner" ON "tw"."mutations" AS PERMISSIVE FOR ALL TO "taskwire_owner" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "mutations_definer" ON "tw"."mutations" AS PERMISSIVE FOR ALL TO "taskwire_definer" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "mutations_backup" ON "tw"."mutations" AS PERMISSIVE FOR SELECT TO "taskwire_backup" USING (true);--> statement-breakpoint
CREATE POLICY "api_keys_app" ON "tw"."api_keys" AS PERMISSIVE FOR ALL TO "taskwire_app" USING (user_id = tw.account()) WITH CHECK (user_id = tw.account());--> statement-breakpoint
CREATE POLICY "api_keys_owner" ON "tw"."api_keys" AS PERMISSIVE FOR ALL TO "taskwire_owner" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "api_keys_definer" ON "tw"."api_keys" AS PERMISSIVE FOR ALL TO "taskwire_definer" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "api_keys_backup" ON "tw"."api_keys" AS PERMISSIVE FOR SELECT TO "taskwire_backup" USING (true);--> statement-breakpoint
CREATE POLICY "service_keys_owner" ON "tw"."service_keys" AS PERMISSIVE FOR ALL TO "taskwire_owner" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "service_keys_definer" ON "tw"."service_keys" AS PERMISSIVE FOR ALL TO "taskwire_definer" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "service_keys_backup" ON "tw"."service_keys" AS PERMISSIVE FOR SELECT TO "taskwire_backup" USING (true);--> statement-breakpoint
CREATE POLICY "lists_app" ON "tw"."lists" AS PERMISSIVE FOR ALL TO "taskwire_app" USING (space_id = tw.space()) WITH CHECK (space_id = tw.space());--> statement-breakpoint
CREATE POLICY "lists_owner" ON "tw"."lists" AS PERMISSIVE FOR ALL TO "taskwire_owner" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "lists_definer" ON "tw"."lists" AS PERMISSIVE FOR ALL TO "taskwire_definer" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "lists_backup" ON "tw"."lists" AS PERMISSIVE FOR SELECT TO "taskwire_backup" USING (true);--> statement-breakpoint
CREATE POLICY "spaces_app" ON "tw"."spaces" AS PERMISSIVE FOR ALL TO "taskwire_app" USING (id = tw.space()) WITH CHECK (id = tw.space());--> statement-breakpoint
CREATE POLICY "spaces_owner" ON "tw"."spaces" AS PERMISSIVE FOR ALL TO "taskwire_owner" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "spaces_definer" ON "tw"."spaces" AS PERMISSIVE FOR ALL TO "taskwire_definer" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "spaces_backup" ON "tw"."spaces" AS PERMISSIVE FOR SELECT TO "taskwire_backup" USING (true);--> statement-breakpoint
CREATE POLICY "tasks_app" ON "tw"."tasks" AS PERMISSIVE FOR ALL TO "taskwire_app" USING (space_id = tw.space()) WITH CHECK (space_id = tw.space());--> statement-breakpoint
CREATE POLICY "tasks_owner" ON "tw"."tasks" AS PERMISSIVE FOR ALL TO "taskwire_owner" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "tasks_definer" ON "tw"."tasks" AS PERMISSIVE FOR ALL TO "taskwire_definer" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "tasks_backup" ON "tw"."tasks" AS PERMISSIVE FOR SELECT TO "taskwire_backup" USING (true);