-- keys.list: the account's keys, newest first.
-- predicates: 1
select c.user_id as caller_id, c.space_id as caller_space, tw.iso(c.session_expires) as caller_until, result.*
from tw.authenticate(:space, :credential, :acting, :need) c
cross join set_config('transaction_read_only', 'on', true)
left join lateral (
  select true as is_row, tw.key_json(k) as key
  from tw.api_keys k
  where k.user_id = tw.account() and (k.created_at, k.id) < (:created_at::timestamptz, :id::uuid)
  order by k.created_at desc, k.id desc
  limit :most::int
) result on true
