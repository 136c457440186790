-- tags.rename: renames a tag on all tasks that have it, including those in the trash. If the new tag exists, both merge.
create or replace function tw.rename_tag(
  space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text,
  from_key text, to_tag text, to_key text, most_rows integer
) returns tw.answer language plpgsql volatile as $$
declare
  m tw.mutation := tw.begin_mutation(space, credential, acting, 'tasks:write', mutation, payload, request);
  olds tw.tasks[];
  news tw.tasks[];
  changes tw.change[];
begin
  if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
  space := m.space_id;
  select coalesce(array_agg(x.old), '{}'), coalesce(array_agg(x.new), '{}') into olds, news from (
    select a.old, a.new from (
      select t as old, tw.renamed_tag(t, from_key, to_tag, to_key) as new from tw.tasks t
      where t.space_id = space and t.tag_keys @> array[from_key] order by t.created_at, t.id offset 0
    ) a where a.new is distinct from a.old limit most_rows + 1
  ) x;
  if cardinality(olds) > most_rows then return tw.answered(m, 'limit'); end if;

  select s.changes into changes from tw.save_tasks(space, m, olds, news) s;
  return tw.finish_mutation(space, m, changes,
    json_build_object('affected', cardinality(changes), 'revision', m.revision + cardinality(changes)));
end $$;
