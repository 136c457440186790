create or replace function tw.priority_rank(priority text) returns smallint language sql immutable parallel safe as $$
  select (array_position(array['none', 'low', 'medium', 'high', 'urgent'], priority) - 1)::smallint
$$;
