-- Creates the five roles. `npm run db:setup` runs this file, as a login with the right to create roles. Roles belong to
-- the cluster, so each is created only if it is missing.
do $$
declare
  name text;
begin
  foreach name in array array['taskwire_owner', 'taskwire_app', 'taskwire_auth'] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I login nosuperuser nocreatedb nocreaterole', name);
    end if;
  end loop;
  -- These two cannot log in. taskwire_definer owns the functions that work across users. taskwire_backup sees every row
  -- by policies of its own, and not by BYPASSRLS, which a login with only CREATEROLE may not grant.
  foreach name in array array['taskwire_definer', 'taskwire_backup'] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I nologin nosuperuser nocreatedb nocreaterole', name);
    end if;
  end loop;
end $$;

-- To make taskwire_definer the owner of functions, taskwire_owner must be a member of that role.
grant taskwire_definer to taskwire_owner;

-- Settings are on the roles, since poolers refuse unknown start-up settings.
alter role taskwire_app set statement_timeout = '4s';
alter role taskwire_app set lock_timeout = '2s';
alter role taskwire_app set idle_in_transaction_session_timeout = '5s';
alter role taskwire_app set client_connection_check_interval = '2s';
alter role taskwire_app set max_parallel_workers_per_gather = 0;
-- Calls read few, scattered rows, from memory or flash. With the default of 4, which is meant for spinning disks, the
-- planner would read and sort all rows of a user where an index already has them in order.
alter role taskwire_app set random_page_cost = 1.1;
-- The best plan of these statements does not depend on the parameters. By default PostgreSQL plans each statement five
-- times on each connection before it uses a generic plan.
alter role taskwire_app set plan_cache_mode = force_generic_plan;
-- In a function, the statements after the lock must see what earlier holders of the lock committed.
alter role taskwire_app set default_transaction_isolation = 'read committed';
-- A connection keeps its plans: a plan made while a table was empty would scan the whole table from then on. Every call
-- has the index that it needs.
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
