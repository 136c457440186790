-- me.export: a page of at most 1000 rows of all kinds, each kind in the order of its primary key, after the last row of
-- the page before. The outer limits let each kind read only the rows that the page still needs.
-- predicates: 6
select c.user_id as caller_id, c.space_id as caller_space, tw.iso(c.session_expires) as caller_until, result.*
from tw.authenticate(:space, :credential, :acting, :need) c
cross join set_config('transaction_read_only', 'on', true)
left join lateral (
  with head as materialized (
    select s.revision, coalesce(:up_to::bigint, s.revision) as up_to
    from tw.spaces s
    where s.id = tw.space()
  ),
  lists as materialized (
    select l.id, tw.list_json(l) as json
    from tw.lists l
    where l.space_id = tw.space() and l.id > :list::uuid
    order by l.id
    limit 1000
  ),
  tasks as materialized (
    select * from (
      select t.id, tw.task_json(t) as json
      from tw.tasks t
      where t.space_id = tw.space() and t.id > :task::uuid
      order by t.id
      limit 1000
    ) following
    limit 1000 - (select count(*) from lists)
  ),
  changes as materialized (
    select * from (
      select c.revision, tw.change_json(c) as json
      from tw.changes c
      where c.space_id = tw.space() and c.revision > :change::bigint and c.revision <= (select up_to from head)
      order by c.revision
      limit 1000
    ) following
    limit 1000 - (select count(*) from lists) - (select count(*) from tasks)
  ),
  keys as materialized (
    select * from (
      select k.id, tw.key_json(k) as json
      from tw.api_keys k
      where k.user_id = tw.account() and k.id > :key::uuid
      order by k.id
      limit 1000
    ) following
    limit 1000 - (select count(*) from lists) - (select count(*) from tasks) - (select count(*) from changes)
  )
  select true as is_row,
    json_build_object(
      'id', u.id, 'email', u.email, 'name', u.name, 'timeZone', u.time_zone,
      'externalId', u.external_id, 'createdAt', tw.iso(u.created_at)
    )::text as account,
    (select coalesce(json_agg(json), '[]')::text from lists) as lists,
    (select coalesce(json_agg(json), '[]')::text from tasks) as tasks,
    (select coalesce(json_agg(json), '[]')::text from changes) as changes,
    (select coalesce(json_agg(json), '[]')::text from keys) as keys,
    h.revision, h.up_to,
    (select id from lists order by id desc limit 1) as last_list,
    (select id from tasks order by id desc limit 1) as last_task,
    (select max(revision) from changes) as last_change,
    (select id from keys order by id desc limit 1) as last_key,
    (select count(*) from lists) + (select count(*) from tasks) + (select count(*) from changes)
      + (select count(*) from keys) as rows
  from auth.users u cross join head h
  where u.id = tw.account()
) result on true
