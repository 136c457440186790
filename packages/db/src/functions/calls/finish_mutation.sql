-- Ends a mutation: logs its Changes and stores the reply under the mutation id. Purging a task also erases the replies that
-- show it, which it finds by their Changes; a reply that shows an unchanged task names it in `unchanged`. A reply with a
-- secret is not stored (`keep_reply` false).
create or replace function tw.finish_mutation(
  space uuid, m tw.mutation, changes tw.change[], reply json, keep_reply boolean default true, unchanged uuid default null
) returns tw.answer language plpgsql volatile as $$
declare
  -- tw.sweep() deletes by this column. It is clock time, which m.at may be ahead of.
  recorded constant timestamptz := clock_timestamp();
begin
  m := tw.log_changes(space, m, changes);
  if m.id is not null then
    insert into tw.mutations (space_id, mutation_id, user_id, payload_hash, reply, revision, at, unchanged_id)
    values (space, m.id, m.user_id, m.payload, case when keep_reply then reply end, m.revision, recorded, unchanged);
  end if;
  return tw.answered(m, 'ok', reply);
end $$;
