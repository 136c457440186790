-- True if the row `now_is` still has all values of `after`, except fields that every change sets. A position that only
-- rebalances have changed since then counts as unchanged: `moved` is the row's entry of tw.rebalanced_since().
create or replace function tw.holds(now_is json, after jsonb, moved jsonb) returns boolean language plpgsql immutable parallel safe as $$
declare
  fields jsonb := now_is::jsonb;
begin
  return not exists (
    select from jsonb_each(after) a where fields->a.key is distinct from a.value and a.key not in ('revision', 'updatedAt')
      and (a.key <> 'position' or a.value is distinct from moved->'old'));
end $$;
