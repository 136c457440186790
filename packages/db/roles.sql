-- Creates the five roles, as a login with the right to create roles; `npm run db:setup` runs it. Roles belong to the
-- cluster, so each is created only if it is missing.
do $$
declare
  name text;
begin
  foreach name in array array['taskwire_owner', 'taskwire_app', 'taskwire_auth'] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I login nosuperuser nocreatedb nocreaterole', name);
    end if;
  end loop;
  -- Without a login: the first owns the functions that work across users; the second sees every row by
  -- policies of its own, not by BYPASSRLS, which only a superuser may grant.
  foreach name in array array['taskwire_definer', 'taskwire_backup'] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I nologin nosuperuser nocreatedb nocreaterole', name);
    end if;
  end loop;
end $$;

-- The owner makes taskwire_definer the owner of its functions, for which it must be a member of that role.
grant taskwire_definer to taskwire_owner;

-- Settings are on the roles, since poolers refuse unknown start-up settings.
alter role taskwire_app set statement_timeout = '4s';
alter role taskwire_app set lock_timeout = '2s';
alter role taskwire_app set idle_in_transaction_session_timeout = '5s';
alter role taskwire_app set client_connection_check_interval = '2s';
alter role taskwire_app set max_parallel_workers_per_gather = 0;
-- Reads are few and scattered, from memory or flash. With the default of 4, meant for spinning disks, the planner
-- reads and sorts all rows of a user where an index has the order.
alter role taskwire_app set random_page_cost = 1.1;
-- Plans of these statements do not depend on the parameters. By default PostgreSQL plans each statement five times on
-- each connection before it uses a generic plan.
alter role taskwire_app set plan_cache_mode = force_generic_plan;
-- In a function, the statements after the lock must see what earlier holders of it committed.
alter role taskwire_app set default_transaction_isolation = 'read committed';
-- A connection keeps its plans: one made while a table was empty would be a sequential scan for good. Every call has the
-- index that it needs.
alter role taskwire_app set enable_seqscan = off;
-- Compiling a plan takes longer than running it.
alter role taskwire_app set jit = off;
alter role taskwire_app set timezone = 'UTC';
alter role taskwire_app set datestyle = 'ISO';
alter role taskwire_auth set statement_timeout = '4s';
alter role taskwire_auth set lock_timeout = '2s';
alter role taskwire_auth set idle_in_transaction_session_timeout = '5s';
alter role taskwire_auth set client_connection_check_interval = '2s';
alter role taskwire_auth set enable_seqscan = off;
alter role taskwire_auth set jit = off;
alter role taskwire_auth set timezone = 'UTC';
alter role taskwire_auth set datestyle = 'ISO';
alter role taskwire_owner set lock_timeout = '2s';
alter role taskwire_owner set timezone = 'UTC';
