-- Inserts tasks, each seeing those before it. A draft has every field of the contract, and beside
-- them `tagKeys`; `nr`, its own revision from 1; and `place` and `places`, which one it is of how many
-- that go, one behind the other, where its `after` says.
create or replace function tw.insert_tasks(drafts jsonb, base bigint, at timestamptz) returns setof tw.tasks
language plpgsql as $$
#variable_conflict use_variable
declare
  d jsonb; place int; places text[]; inserted tw.tasks;
begin
  for d in select value from jsonb_array_elements(drafts) loop
    place := (d->>'place')::int;
    if place = 1 then
      places := tw.place_tasks((d->>'listId')::uuid, d ? 'after', (d->>'after')::uuid, null, (d->>'places')::int);
    end if;
    insert into tw.tasks (space_id, id, user_id, list_id, title, description, complete, completed_at, priority, tags, tag_keys,
      due_date, due_time, due_zone, due_at, position, revision, created_at, updated_at)
    values (tw.space(), (d->>'id')::uuid, tw.account(), (d->>'listId')::uuid, d->>'title', d->>'description', (d->>'complete')::boolean,
      case when (d->>'complete')::boolean then at end, tw.priority_rank(d->>'priority'),
      array(select jsonb_array_elements_text(d->'tags')), array(select jsonb_array_elements_text(d->'tagKeys')),
      (d->'due'->>'date')::date, (d->'due'->>'time')::time, d->'due'->>'timeZone',
      tw.due_at((d->'due'->>'date')::date, (d->'due'->>'time')::time, d->'due'->>'timeZone'),
      places[place], base + (d->>'nr')::bigint, at, at)
    returning * into inserted;
    return next inserted;
  end loop;
end $$;
