CREATE SCHEMA "auth";
--> statement-breakpoint
CREATE SCHEMA "tw";
--> statement-breakpoint
-- What the constraints and policies below call.
-- The space that the call acts in, and the account that calls. Outside of a call each is the nil UUID, not null: the
-- planner asks too, and for null it would expect no row at all. A case: coalesce() counts as leaky, so that what is
-- compared with it would be looked at behind the policy, row by row.
create function tw.space() returns uuid language sql stable parallel safe
return (case when current_setting('app.space', true) <> '' then current_setting('app.space', true)
  else '00000000-0000-0000-0000-000000000000' end)::uuid;
--> statement-breakpoint
create function tw.account() returns uuid language sql stable parallel safe
return (case when current_setting('app.account', true) <> '' then current_setting('app.account', true)
  else '00000000-0000-0000-0000-000000000000' end)::uuid;
--> statement-breakpoint
create function tw.valid_tags(tags text[], keys text[], most int, longest int) returns boolean
language plpgsql immutable parallel safe as $$
declare
  t text;
begin
  if cardinality(tags) > most or cardinality(tags) <> cardinality(keys)
    or not coalesce(array_ndims(tags) = 1 and array_lower(tags, 1) = 1 and array_ndims(keys) = 1 and array_lower(keys, 1) = 1, true)
  then return false; end if;
  foreach t in array tags loop
    if t is null or char_length(t) not between 1 and longest or t is not nfc normalized
      or t ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]'
      or t <> btrim(t, U&'\0020\00A0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200A\2028\2029\202F\205F\3000\FEFF')
    then return false; end if;
  end loop;
  return (select count(distinct k) from unnest(keys) k) = cardinality(keys);
end $$;
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
	"token_hash" bytea NOT NULL CONSTRAINT "password_resets_token_hash_key" UNIQUE,
	"expires_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "password_resets_token_hash_check" CHECK (octet_length("token_hash") = 32)
);
--> statement-breakpoint
ALTER TABLE "auth"."password_resets" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "auth"."sessions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	"user_id" uuid NOT NULL,
	"token_hash" bytea NOT NULL CONSTRAINT "sessions_token_hash_key" UNIQUE,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"ip_address" text,
	"user_agent" text,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sessions_token_hash_check" CHECK (octet_length("token_hash") = 32)
);
--> statement-breakpoint
ALTER TABLE "auth"."sessions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "auth"."tries" (
	"key" bytea PRIMARY KEY,
	"spent_until" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "tries_key_check" CHECK (octet_length("key") = 32)
);
--> statement-breakpoint
ALTER TABLE "auth"."tries" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "auth"."users" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	"name" text NOT NULL,
	"email" text NOT NULL CONSTRAINT "users_email_key" UNIQUE,
	"email_verified" boolean DEFAULT false NOT NULL,
	"image" text,
	"time_zone" text DEFAULT 'UTC' NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_id_check" CHECK ("id" <> '00000000-0000-0000-0000-000000000000'),
	CONSTRAINT "users_name_check" CHECK (char_length(name) between 1 and 100 and name is nfc normalized and name !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]' and name = btrim(name, U&'\0020\00A0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200A\2028\2029\202F\205F\3000\FEFF')),
	CONSTRAINT "users_email_check" CHECK ("email" = lower("email") and char_length("email") between 3 and 320),
	CONSTRAINT "users_time_zone_check" CHECK (char_length("time_zone") between 1 and 100)
);
--> statement-breakpoint
ALTER TABLE "auth"."users" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tw"."changes" (
	"space_id" uuid,
	"revision" bigint,
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
	CONSTRAINT "changes_commit_check" CHECK ("commit" >= "revision" and "revision" > 0),
	CONSTRAINT "changes_before_after_check" CHECK ("before" is not null or "after" is not null)
);
--> statement-breakpoint
ALTER TABLE "tw"."changes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tw"."mutations" (
	"space_id" uuid,
	"mutation_id" uuid,
	"user_id" uuid,
	"payload_hash" bytea NOT NULL,
	"reply" json,
	"revision" bigint NOT NULL,
	"at" timestamp(3) with time zone NOT NULL,
	"unchanged_id" uuid,
	CONSTRAINT "mutations_pkey" PRIMARY KEY("space_id","mutation_id"),
	CONSTRAINT "mutations_payload_hash_check" CHECK (octet_length("payload_hash") = 32)
);
--> statement-breakpoint
ALTER TABLE "tw"."mutations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tw"."api_keys" (
	"user_id" uuid,
	"id" uuid,
	"space_id" uuid,
	"name" text NOT NULL,
	"scopes" text[] NOT NULL,
	"secret_hash" bytea NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"expires_at" timestamp(3) with time zone,
	CONSTRAINT "api_keys_pkey" PRIMARY KEY("user_id","id"),
	CONSTRAINT "api_keys_name_check" CHECK (char_length(name) between 1 and 100 and name is nfc normalized and name !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]' and name = btrim(name, U&'\0020\00A0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200A\2028\2029\202F\205F\3000\FEFF')),
	CONSTRAINT "api_keys_scopes_check" CHECK (scopes <@ array['tasks:read', 'tasks:write', 'account'] and cardinality(scopes) > 0),
	CONSTRAINT "api_keys_space_id_check" CHECK ("space_id" is null or not 'account' = any ("scopes")),
	CONSTRAINT "api_keys_secret_hash_check" CHECK (octet_length("secret_hash") = 32)
);
--> statement-breakpoint
ALTER TABLE "tw"."api_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tw"."service_keys" (
	"id" uuid PRIMARY KEY,
	"name" text NOT NULL CONSTRAINT "service_keys_name_key" UNIQUE,
	"scopes" text[] NOT NULL,
	"secret_hash" bytea NOT NULL CONSTRAINT "service_keys_secret_hash_key" UNIQUE,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp(3) with time zone,
	CONSTRAINT "service_keys_name_check" CHECK (char_length(name) between 1 and 100 and name is nfc normalized and name !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]' and name = btrim(name, U&'\0020\00A0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200A\2028\2029\202F\205F\3000\FEFF')),
	CONSTRAINT "service_keys_scopes_check" CHECK (scopes <@ array['tasks:read', 'tasks:write'] and cardinality(scopes) > 0),
	CONSTRAINT "service_keys_secret_hash_check" CHECK (octet_length("secret_hash") = 32)
);
--> statement-breakpoint
ALTER TABLE "tw"."service_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tw"."lists" (
	"space_id" uuid,
	"id" uuid,
	"name" text NOT NULL,
	"name_key" text NOT NULL,
	"position" text NOT NULL,
	"revision" bigint NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "lists_pkey" PRIMARY KEY("space_id","id"),
	CONSTRAINT "lists_name_key" UNIQUE("space_id","name_key"),
	CONSTRAINT "lists_position_key" UNIQUE("space_id","position"),
	CONSTRAINT "lists_name_check" CHECK (char_length(name) between 1 and 100 and name is nfc normalized and name !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]' and name = btrim(name, U&'\0020\00A0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200A\2028\2029\202F\205F\3000\FEFF')),
	CONSTRAINT "lists_id_check" CHECK ("id" <> "space_id"),
	CONSTRAINT "lists_revision_check" CHECK ("revision" > 0),
	CONSTRAINT "lists_position_check" CHECK (position ~ '^[0-9a-f]{8}([0-9a-f]*[1-9a-f])?$')
);
--> statement-breakpoint
ALTER TABLE "tw"."lists" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tw"."spaces" (
	"id" uuid PRIMARY KEY,
	"kind" text DEFAULT 'personal' NOT NULL,
	"owner_id" uuid NOT NULL,
	"name" text DEFAULT 'Personal' NOT NULL,
	"revision" bigint DEFAULT 0 NOT NULL,
	"changed_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "spaces_kind_check" CHECK ("kind" = 'personal' and "owner_id" = "id"),
	CONSTRAINT "spaces_name_check" CHECK (char_length(name) between 1 and 100 and name is nfc normalized and name !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]' and name = btrim(name, U&'\0020\00A0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200A\2028\2029\202F\205F\3000\FEFF')),
	CONSTRAINT "spaces_revision_check" CHECK ("revision" >= 0)
);
--> statement-breakpoint
ALTER TABLE "tw"."spaces" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tw"."tasks" (
	"space_id" uuid,
	"id" uuid,
	"user_id" uuid,
	"list_id" uuid,
	"title" text NOT NULL,
	"description" text,
	"complete" boolean DEFAULT false NOT NULL,
	"completed_at" timestamp(3) with time zone,
	"priority" smallint DEFAULT 0 NOT NULL,
	"tags" text[] DEFAULT '{}'::text[] NOT NULL,
	"tag_keys" text[] DEFAULT '{}'::text[] NOT NULL,
	"due_date" date,
	"due_time" time(0),
	"due_zone" text,
	"due_at" timestamp(3) with time zone,
	"position" text NOT NULL,
	"revision" bigint NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"deleted_at" timestamp(3) with time zone,
	CONSTRAINT "tasks_pkey" PRIMARY KEY("space_id","id"),
	CONSTRAINT "tasks_title_check" CHECK (char_length(title) between 1 and 200 and title is nfc normalized and title !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]' and title = btrim(title, U&'\0020\00A0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200A\2028\2029\202F\205F\3000\FEFF')),
	CONSTRAINT "tasks_description_check" CHECK (char_length(description) <= 1000 and description is nfc normalized),
	CONSTRAINT "tasks_completed_at_check" CHECK ("complete" = ("completed_at" is not null)),
	CONSTRAINT "tasks_priority_check" CHECK ("priority" between 0 and 4),
	CONSTRAINT "tasks_tags_check" CHECK (tags = '{}' and tag_keys = '{}' or tw.valid_tags(tags, tag_keys, 10, 50)),
	CONSTRAINT "tasks_due_check" CHECK (("due_time" is null) = ("due_zone" is null) and ("due_time" is null) = ("due_at" is null) and ("due_date" is not null or "due_time" is null)),
	CONSTRAINT "tasks_due_date_check" CHECK ("due_date" between '0001-01-01' and '9999-12-31'),
	CONSTRAINT "tasks_due_time_check" CHECK (extract(second from "due_time") = 0 and "due_time" < '24:00'),
	CONSTRAINT "tasks_due_zone_check" CHECK (char_length("due_zone") between 1 and 100),
	CONSTRAINT "tasks_due_at_check" CHECK ("due_at" between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999+00'),
	CONSTRAINT "tasks_position_check" CHECK (position ~ '^[0-9a-f]{8}([0-9a-f]*[1-9a-f])?$'),
	CONSTRAINT "tasks_revision_check" CHECK ("revision" > 0),
	CONSTRAINT "tasks_updated_at_check" CHECK ("updated_at" >= "created_at")
);
--> statement-breakpoint
ALTER TABLE "tw"."tasks" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE INDEX "accounts_user_id_idx" ON "auth"."accounts" ("user_id");--> statement-breakpoint
CREATE INDEX "sessions_user_id_idx" ON "auth"."sessions" ("user_id");--> statement-breakpoint
CREATE INDEX "sessions_expires_at_idx" ON "auth"."sessions" ("expires_at");--> statement-breakpoint
CREATE INDEX "tries_spent_until_idx" ON "auth"."tries" ("spent_until");--> statement-breakpoint
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
CREATE POLICY "tries_owner" ON "auth"."tries" AS PERMISSIVE FOR ALL TO "taskwire_owner" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "tries_definer" ON "auth"."tries" AS PERMISSIVE FOR ALL TO "taskwire_definer" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "tries_auth" ON "auth"."tries" AS PERMISSIVE FOR ALL TO "taskwire_auth" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "tries_backup" ON "auth"."tries" AS PERMISSIVE FOR SELECT TO "taskwire_backup" USING (true);--> statement-breakpoint
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