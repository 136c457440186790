-- users.list: a page of accounts, in the order of their ids.
-- predicates: 0
select c.user_id as caller_id, c.space_id as caller_space, tw.iso(c.session_expires) as caller_until, result.*
from tw.authenticate(:space, :credential, :acting, :need) c
cross join set_config('transaction_read_only', 'on', true)
left join lateral (
  select true as is_row, json_build_object(
    'id', u.id, 'email', u.email, 'name', u.name, 'timeZone', u.time_zone, 'externalId', u.external_id,
    'createdAt', tw.iso(u.created_at), 'disabled', u.is_disabled
  ) as account
  from tw.users_page(:id::uuid, :most::int) u
) result on true
