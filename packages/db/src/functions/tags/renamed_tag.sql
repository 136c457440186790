-- The task with one tag replaced by another. If it has both, the new tag appears once, at the first of the two positions.
create or replace function tw.renamed_tag(t tw.tasks, from_key text, to_tag text, to_key text) returns tw.tasks
language plpgsql immutable as $$
begin
  select array_agg(k.tag order by k.nr), array_agg(k.key order by k.nr) into t.tags, t.tag_keys from (
    select distinct on (u.key) u.key, u.tag, u.nr from (
      select case when x.key in (from_key, to_key) then to_key else x.key end as key,
        case when x.key in (from_key, to_key) then to_tag else x.tag end as tag, x.nr
      from unnest(t.tags, t.tag_keys) with ordinality x(tag, key, nr)
    ) u order by u.key, u.nr
  ) k;
  return t;
end $$;
