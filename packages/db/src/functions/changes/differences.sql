-- The fields that differ, except `revision` and `updatedAt`, as {before, after}. Both sides have the same keys in the same
-- order, so `rows from` pairs their fields by position.
create or replace function tw.differences(was json, now_is json) returns jsonb language sql immutable parallel safe as $$
  select (
  select jsonb_build_object('before', coalesce(jsonb_object_agg(key, was_value), '{}'), 'after', coalesce(jsonb_object_agg(key, value), '{}'))
  from rows from (json_each(was), json_each(now_is)) as x(key, was_value, same_key, value)
  where was_value::text <> value::text and key not in ('revision', 'updatedAt')
)
$$;
