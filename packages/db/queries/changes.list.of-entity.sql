-- changes.list.of-entity: the Changes of one entity after a revision, oldest first, and the space's revision, in one
-- snapshot. One Change more than the page has shows whether others follow.
-- `after` is in a comparison of rows, which the primary key cannot use. With `c.revision > :after`, and statistics from
-- when the log had one entity, the planner would search the whole log by that key.
-- predicates: 2
select c.user_id as caller_id, c.space_id as caller_space, tw.iso(c.session_expires) as caller_until, result.*
from tw.authenticate(:space, :credential, :acting, :need) c
cross join set_config('transaction_read_only', 'on', true)
left join lateral (
  select true as is_row, s.revision as head, page.changes,
    case when page.found > :most::int then page.last else s.revision end as next_after
  from tw.spaces s, (
    select coalesce(json_agg(of_page.change) filter (where of_page.nr <= :most::int), '[]')::text as changes,
      count(*) as found, max(of_page.revision) filter (where of_page.nr <= :most::int) as last
    from (
      select tw.change_json(c) as change, c.revision, row_number() over (order by c.revision) as nr
      from tw.changes c
      where c.space_id = tw.space() and c.entity_id = :entity::uuid
        and (c.entity_id, c.revision) > (:entity::uuid, :after::bigint)
      order by c.revision
      limit :most::int + 1
    ) of_page
  ) page
  where s.id = tw.space()
) result on true
