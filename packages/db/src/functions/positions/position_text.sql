create or replace function tw.position_text(n bigint) returns text language plpgsql immutable parallel safe as $$
begin
  -- Happens only after two thousand million placements at one end of a list.
  if n not between 0 and 4294967295 then raise exception using errcode = 'TW507', message = 'no position is free'; end if;
  return lpad(to_hex(n), 8, '0');
end $$;
