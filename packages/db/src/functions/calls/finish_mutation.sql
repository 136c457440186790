-- Ends a mutation: logs its Changes and stores the reply under the mutation id, unless the reply holds a secret
-- (`keep_reply` false). Purging a task later erases the stored replies that show it. It finds them by the Changes of
-- the task; a reply that shows a task which the mutation did not change names that task in `unchanged`.
create or replace function tw.finish_mutation(
  space uuid, m tw.mutation, changes tw.change[], reply json, keep_reply boolean default true, unchanged uuid default null
) returns tw.answer language plpgsql volatile as $$
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
end $$;
