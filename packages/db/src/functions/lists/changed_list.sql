-- The list with `changes` applied. They are fields of the contract; `name` comes with `name_key`, which the service computes.
create or replace function tw.changed_list(l tw.lists, changes jsonb) returns tw.lists language plpgsql immutable as $$
begin
  if changes ? 'name' then
    l.name := changes->>'name';
    l.name_key := changes->>'name_key';
  end if;
  return l;
end $$;
