-- A position is eight hexadecimal digits, and then a fraction that does not end in 0. Positions are compared bytewise.
-- This function returns a fraction strictly between `a` and `b`; `b` null means 1. Raises if there is none.
create or replace function tw.fraction_between(a text, b text) returns text language plpgsql immutable as $$
declare
  i int := 1; da int; db int; found text := '';
begin
  -- Without this check the loop might not end.
  if a >= b collate "C" or b like '%0' then raise exception 'no fraction between % and %', a, b; end if;
  loop
    da := coalesce(strpos('0123456789abcdef', nullif(substr(a, i, 1), '')) - 1, 0);
    db := case when b is null then 16 else coalesce(strpos('0123456789abcdef', nullif(substr(b, i, 1), '')) - 1, 0) end;
    if db - da > 1 then found := found || to_hex((da + db) / 2); exit; end if;
    if db - da = 1 and length(b) > i then found := found || to_hex(db); exit; end if;
    found := found || to_hex(da);
    if db > da then b := null; end if;
    i := i + 1;
  end loop;
  return found;
end $$;
