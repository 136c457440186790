create or replace function tw.position_integer(p text) returns bigint language sql immutable parallel safe as $$
  select ('x' || lpad(left(p, 8), 16, '0'))::bit(64)::bigint
$$;
