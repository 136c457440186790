-- True when each field of `after` still is what it says, those aside that every change sets.
create or replace function tw.holds(now_is json, after jsonb) returns boolean language plpgsql immutable parallel safe as $$
declare
  n jsonb := now_is::jsonb;
begin
  return not exists (select from jsonb_each(after) a where n->a.key is distinct from a.value and a.key not in ('revision', 'updatedAt'));
end $$;
