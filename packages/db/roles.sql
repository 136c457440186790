-- The five roles, made once for a cluster by somebody who may create roles: `npm run db:setup` runs this.
-- Roles belong to the cluster, so each is made only where it is missing.
do $$
declare
  name text;
begin
  foreach name in array array['taskwire_owner', 'taskwire_app', 'taskwire_auth'] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I login nosuperuser nocreatedb nocreaterole', name);
    end if;
  end loop;
  -- Nobody logs in as these: the first owns the functions that work across users; the second sees every
  -- row by policies of its own, not by BYPASSRLS, which only a superuser could give.
  foreach name in array array['taskwire_definer', 'taskwire_backup'] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I nologin nosuperuser nocreatedb nocreaterole', name);
    end if;
  end loop;
end $$;

-- The owner hands the definer functions over, for which it must be a member of their role.
grant taskwire_definer to taskwire_owner;

-- Settings of the logins: on the roles, since poolers refuse unknown start-up settings.
alter role taskwire_app set statement_timeout = '4s';
alter role taskwire_app set lock_timeout = '2s';
alter role taskwire_app set idle_in_transaction_session_timeout = '5s';
alter role taskwire_app set client_connection_check_interval = '2s';
alter role taskwire_app set max_parallel_workers_per_gather = 0;
-- Reads here are few and scattered, and what they touch is in memory or on flash: 4, made for discs that turn,
-- has a user's whole set read and sorted where an index gives the order.
alter role taskwire_app set random_page_cost = 1.1;
-- Our statements are such that values make no difference to their plans. PostgreSQL finds that out by planning each
-- five times on each connection, and again after each start of a process.
alter role taskwire_app set plan_cache_mode = force_generic_plan;
-- In a function, what follows the lock has to see what others have done under it.
alter role taskwire_app set default_transaction_isolation = 'read committed';
-- A plan is kept for as long as its connection: one that was made while a table was empty would read it whole ever after.
-- Every table of the service has the index that a call needs.
alter role taskwire_app set enable_seqscan = off;
-- Compiling a plan takes longer than any of ours runs.
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
