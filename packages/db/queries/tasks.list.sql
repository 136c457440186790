-- tasks.list: a page of tasks, and the space's revision, in one snapshot. The service makes the JSON (task-row.ts), since
-- that costs PostgreSQL twice as much as the columns.
-- {clock} and {page} are filled with parts of this file, {tasks} with parts of the order's file, tasks.list.by-….sql, and
-- the {filter} in those with parts of tasks.filter.sql.
-- predicates: 1
select c.user_id as caller_id, c.space_id as caller_space, tw.iso(c.session_expires) as caller_until, result.*
from tw.authenticate(:space, :credential, :acting, :need) c
cross join set_config('transaction_read_only', 'on', true)
left join lateral (
  select true as is_row, s.revision, {clock} as clock, p.tasks
  from tw.spaces s, (select string_agg(page.task, E'\x1e') as tasks from {page} page) p
  where s.id = tw.space()
) result on true

-- [columns]
-- The columns of a task as one text. A row for each task would cost the service twice as much. The separators are those
-- that ASCII has for it; of all columns only a description may contain them, or be empty, so it is sent as JSON. Null is
-- an empty text. `at time zone` makes times independent of the session's zone; an interval is not looked up, as a name
-- would be. Applied to {tasks} and not in them, where PostgreSQL would do it for every task before it sorts.
concat_ws(E'\x1f',
    item.id, coalesce(item.user_id::text, ''), coalesce(item.list_id::text, ''), item.title,
    coalesce(to_json(item.description::text)::text, ''), item.complete,
    coalesce((item.completed_at at time zone interval '0')::text, ''), item.priority, item.tags,
    coalesce(item.due_date::text, ''), coalesce(item.due_time::text, ''), coalesce(item.due_zone, ''),
    coalesce((item.due_at at time zone interval '0')::text, ''), item.position, item.revision,
    item.created_at at time zone interval '0', item.updated_at at time zone interval '0',
    coalesce((item.deleted_at at time zone interval '0')::text, '')
  )

-- [no clock]
'[]'::json

-- [clock]
-- The cursor repeats these for later pages, if the filter depends on the time or the zone.
json_build_array(tw.iso({now}), {zone})

-- [page]
-- One task more than requested shows whether another page follows. The limits within {tasks} are literals, a few powers
-- of two, so that all callers share their plans.
(select {columns} as task from ({tasks}) item limit :limit::int + 1)

-- [page of a search]
-- For orders that have an index. Few candidates are fetched from the search index. With too many, the order's index is
-- scanned until the page is full. One of the two branches is always empty.
(
  with found as materialized (select tw.search_locations(:words::text[], :most_looked_up::int) as locations)
  (select {columns} as task from ({found tasks}) item limit :limit::int + 1)
  union all
  (select {columns} as task from ({tasks}) item limit :limit::int + 1)
)
