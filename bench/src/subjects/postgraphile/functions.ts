/** Search as a database function: https://postgraphile.org/postgraphile/5/custom-queries. */
export const SEARCH_FUNCTION = `
  create schema if not exists bench_graphql;
  grant usage on schema bench_graphql to bench_fenced;
  create or replace function bench_graphql.search_tasks(words text) returns setof tw.tasks language sql stable as $$
    select t.* from tw.tasks t
    where t.space_id = tw.space() and t.deleted_at is null and not exists (
      select from unnest(string_to_array(words, ' ')) word
      where not (t.title ilike '%' || word || '%' or coalesce(t.description, '') ilike '%' || word || '%')
    )
    order by t.created_at desc, t.id desc
  $$;
  grant execute on function bench_graphql.search_tasks(text) to bench_fenced`
