-- tasks.get: a task, even if it is in the trash.
-- predicates: 1
select c.user_id as caller_id, c.space_id as caller_space, tw.iso(c.session_expires) as caller_until, result.*
from tw.authenticate(:space, :credential, :acting, :need) c
cross join set_config('transaction_read_only', 'on', true)
left join lateral (
  select true as is_row, tw.task_json(t)::text as task
  from tw.tasks t
  where t.space_id = tw.space() and t.id = :id::uuid
) result on true
