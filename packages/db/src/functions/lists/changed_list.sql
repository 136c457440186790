-- Returns the list with `changes` applied. These are fields of the contract, and with `name` also `name_key`, which the
-- service computes.
create or replace function tw.changed_list(l tw.lists, changes jsonb) returns tw.lists language plpgsql immutable as $$
begin
  if changes ? 'name' then
    l.name := changes->>'name';
    l.name_key := changes->>'name_key';
  end if;
  return l;
end $$;
