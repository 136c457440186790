-- tags.list: the tags of tasks that are not in the trash, in the order of their keys, each as spelled most recently.
-- predicates: 1
select c.user_id as caller_id, c.space_id as caller_space, tw.iso(c.session_expires) as caller_until, result.*
from tw.authenticate(:space, :credential, :acting, :need) c
cross join set_config('transaction_read_only', 'on', true)
left join lateral (
  select true as is_row, k.key, (array_agg(t.tags[k.nr] order by t.revision desc))[1] as tag, count(*) as count
  from tw.tasks t
  cross join unnest(t.tag_keys) with ordinality k(key, nr)
  where t.space_id = tw.space() and t.deleted_at is null and k.key collate "C" > :after
  group by k.key
  order by k.key collate "C"
  limit :most::int
) result on true
