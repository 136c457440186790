-- Begins every mutation: authenticates the caller, locks the space, and looks up an earlier use of the mutation id. In
-- READ COMMITTED, which packages/db/roles.sql sets, each statement of a function sees what was committed before it
-- began. So the statements after the lock see all earlier mutations of the space.
-- Every mutation function begins with the same arguments. `space` is the space that the caller names, null if none;
-- m.space_id is the space that tw.authenticate() found. `mutation` is the mutation id, null if the caller sent none.
-- `payload` is the hash of the procedure and its input, and `request` is the id of the HTTP request.
-- The credential is not checked again after the wait for the lock: revoking it takes effect from the next call on.
create or replace function tw.begin_mutation(
  space uuid, credential bytea, acting uuid, need text, mutation uuid, payload bytea, request text
) returns tw.mutation language plpgsql volatile as $$
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
end $$;
