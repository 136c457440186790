-- tasks.count: the number of tasks that match a filter. {filter} and {overdue} are replaced by parts of
-- tasks.filter.sql.
-- predicates: 0
select c.user_id as caller_id, c.space_id as caller_space, tw.iso(c.session_expires) as caller_until, result.*
from tw.authenticate(:space, :credential, :acting, :need) c
cross join set_config('transaction_read_only', 'on', true)
left join lateral (
  select true as is_row, count(*) as total, count(*) filter (where not t.complete) as open,
    count(*) filter (where t.complete) as complete, count(*) filter (where {overdue}) as overdue
  from tw.tasks t
  where {filter}
) result on true
