-- True when each field of `after` still is what it says, those aside that every change sets. A position holds too where
-- the service alone has moved the row from there: `moved` is what tw.rebalanced_since() has of it.
create or replace function tw.holds(now_is json, after jsonb, moved jsonb) returns boolean language plpgsql immutable parallel safe as $$
declare
  n jsonb := now_is::jsonb;
begin
  return not exists (
    select from jsonb_each(after) a where n->a.key is distinct from a.value and a.key not in ('revision', 'updatedAt')
      and (a.key <> 'position' or a.value is distinct from moved->'old'));
end $$;
