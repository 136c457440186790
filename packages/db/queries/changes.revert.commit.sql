-- changes.revert.commit: the Changes of a commit, the last one first, and what the service moved after it to make room.
-- A commit's Changes are its last revision and those before it, down to the commit before. Without what came before
-- them, some may have been swept away (`follows`). Each bound is read, not computed: what may overflow is leaky, and no
-- index condition behind a policy.
-- predicates: 6
select c.user_id as caller_id, c.space_id as caller_space, tw.iso(c.session_expires) as caller_until, asked.*
from tw.authenticate(:space, :credential, :acting, :need) c
cross join set_config('transaction_read_only', 'on', true)
left join lateral (
  with named as materialized (
    select n.commit
    from tw.changes n
    where n.space_id = tw.space() and n.revision = :revision::bigint
  ),
  previous as materialized (
    select p.revision
    from named, tw.changes p
    where p.space_id = tw.space() and p.revision < :revision::bigint and p.commit <> named.commit
    order by p.revision desc
    limit 1
  ),
  bounds as materialized (
    select named.commit as last, case when previous.revision is null then 0 else previous.revision end as before
    from named left join previous on true
  )
  select true as is_row, told.*
  from (
    (
      select tw.change_json(c) as change,
        c.revision = 1 + lag(c.revision, 1, bounds.before) over (order by c.revision) as follows, null::json as room
      from bounds, tw.changes c
      where c.space_id = tw.space() and c.revision > bounds.before and c.revision <= bounds.last
      order by c.revision desc
    )
    union all
    select null, null, moved.room
    from (
      select json_build_object(
        'id', c.entity_id, 'old', c.before->>'position', 'new', c.after->>'position',
        'shelf', case when c.entity = 'list' then 'lists' else coalesce(t.list_id::text, 'inbox') end,
        'now', case when c.entity = 'list' then l.position else t.position end
      ) as room
      from bounds cross join tw.changes c
      left join lateral (
        select * from tw.tasks t
        where t.space_id = tw.space() and t.id = c.entity_id and t.deleted_at is null
        offset 0
      ) t on true
      left join lateral (
        select * from tw.lists l
        where l.space_id = tw.space() and l.id = c.entity_id
        offset 0
      ) l on true
      where c.space_id = tw.space() and c.actor_kind = 'system' and c.revision > bounds.last
        and c.before->'position' is not null
      order by c.revision
    ) moved
  ) told
) asked on true
