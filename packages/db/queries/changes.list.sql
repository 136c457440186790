-- changes.list: the Changes after a revision, oldest first, and the space's revision, in one snapshot.
-- predicates: 2
select c.user_id as caller_id, c.space_id as caller_space, tw.iso(c.session_expires) as caller_until, result.*
from tw.authenticate(:space, :credential, :acting, :need) c
cross join set_config('transaction_read_only', 'on', true)
left join lateral (
  select true as is_row, s.revision as head, page.changes, page.count, page.last
  from tw.spaces s, (
    select coalesce(json_agg(of_page.change), '[]')::text as changes, count(*) as count, max(of_page.revision) as last
    from (
      select tw.change_json(c) as change, c.revision
      from tw.changes c
      where c.space_id = tw.space() and c.revision > :after::bigint
      order by c.revision
      limit :most::int
    ) of_page
  ) page
  where s.id = tw.space()
) result on true
