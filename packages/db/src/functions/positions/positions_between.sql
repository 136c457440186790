-- Returns n positions between `a` and `b`, in order and evenly spread; null means no limit on that side. Three between
-- 80000000 and 80000001 are 800000004, 800000008 and 80000000c; three after 80000000 are 80000001, 80000002 and 80000003.
create or replace function tw.positions_between(a text, b text, n int) returns text[] language plpgsql immutable as $$
declare
  middle text;
begin
  if n <= 0 then return array[]::text[]; end if;
  if n = 1 then return array[tw.position_between(a, b)]; end if;
  if b is null then
    return array(select tw.position_text(coalesce(tw.position_integer(a), 2147483647) + i) from generate_series(1, n) i);
  end if;
  if a is null then
    return array(select tw.position_text(tw.position_integer(b) - n + i) from generate_series(0, n - 1) i);
  end if;
  middle := tw.position_between(a, b);
  return tw.positions_between(a, middle, n / 2) || middle || tw.positions_between(middle, b, n - n / 2 - 1);
end $$;
