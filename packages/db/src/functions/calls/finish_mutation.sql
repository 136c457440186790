-- Ends a mutation: logs its Changes and records the reply under the mutation's id. A reply that shows a task which did
-- not change is named by `unchanged`, so that purging the task finds it; one with a secret is not kept.
create or replace function tw.finish_mutation(
  space uuid, m tw.mutation, changes tw.change[], reply json, keep_reply boolean default true, unchanged uuid default null
) returns tw.answer language plpgsql volatile as $$
declare
  -- By which records are swept away: m.at may be ahead of the clock.
  recorded constant timestamptz := clock_timestamp();
begin
  m := tw.log_changes(space, m, changes);
  if m.id is not null then
    insert into tw.mutations (space_id, mutation_id, user_id, payload_hash, reply, revision, at, unchanged_id)
    values (space, m.id, m.user_id, m.payload, case when keep_reply then reply end, m.revision, recorded, unchanged);
  end if;
  return tw.answered(m, 'ok', reply);
end $$;
