-- lists.list: lists in order of position, and the space's revision, in one snapshot.
-- predicates: 2
select c.user_id as caller_id, c.space_id as caller_space, tw.iso(c.session_expires) as caller_until, result.*
from tw.authenticate(:space, :credential, :acting, :need) c
cross join set_config('transaction_read_only', 'on', true)
left join lateral (
  select true as is_row, s.revision, (
    select coalesce(json_agg(tw.list_json(page.l)), '[]')
    from (
      select l
      from tw.lists l
      where l.space_id = tw.space() and l.position > :after
      order by l.position
      limit :most::int
    ) page
  ) as items
  from tw.spaces s
  where s.id = tw.space()
) result on true
