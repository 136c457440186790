-- Returns a position strictly between `a` and `b`; null means no limit on that side. Between 80000000 and 80000004 it is
-- 80000002. Between 80000000 and 80000001, where no whole number is left, it is 800000008. Before 80000000 it is 7fffffff,
-- after it 80000001. The first of all is 80000000.
create or replace function tw.position_between(a text, b text) returns text language plpgsql immutable as $$
declare
  ia bigint := tw.position_integer(a); ib bigint := tw.position_integer(b);
begin
  if a >= b collate "C" then raise exception 'no position between % and %', a, b; end if;
  if a is null and b is null then return '80000000'; end if;
  if b is null then return tw.position_text(ia + 1); end if;
  if a is null then return case when length(b) > 8 then left(b, 8) else tw.position_text(ib - 1) end; end if;
  if ib - ia > 1 then return tw.position_text((ia + ib) / 2); end if;
  if ib > ia and length(b) > 8 then return left(b, 8); end if;
  return left(a, 8) || tw.fraction_between(substr(a, 9), case when ia = ib then substr(b, 9) end);
end $$;
