-- changes.revert.places: where tasks stand.
-- predicates: 1
select c.user_id as caller_id, c.space_id as caller_space, tw.iso(c.session_expires) as caller_until, asked.*
from tw.authenticate(:space, :credential, :acting, :need) c
cross join set_config('transaction_read_only', 'on', true)
left join lateral (
  select true as is_row, i.id, coalesce(x.list_id::text, 'inbox') as shelf, x.position, x.deleted_at is null as live
  from unnest(:ids::uuid[]) i(id)
  cross join lateral (
    select * from tw.tasks t
    where t.space_id = tw.space() and t.id = i.id
    offset 0
  ) x
) asked on true
