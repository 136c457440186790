-- tasks.list: a page of tasks, and the space's revision, in one snapshot. The service makes the JSON (task-row.ts): for
-- PostgreSQL, JSON would cost twice as much as the columns.
-- {clock} and {page} are replaced by parts of this file, {tasks} by parts of the order's file, tasks.list.by-….sql, and
-- {filter} in those parts by conditions of tasks.filter.sql.
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
-- The columns of a task as one text, with the separators of ASCII for fields (1f) and tasks (1e). A row for each task
-- would cost the service twice as much. Null is an empty text. A field of kind `text` is sent as JSON, since only such
-- a field may contain a separator or be empty. `at time zone` makes times independent of the session's zone; an
-- interval, unlike a zone's name, needs no look-up. The columns are not selected within {tasks}: there PostgreSQL would
-- convert every task before it sorts.
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
-- The time and the zone, if the filter depends on them: the cursor repeats them for later pages.
json_build_array(tw.iso({now}), {zone})

-- [page]
-- One task more than requested shows whether another page follows. The limits within {tasks} are one literal, the same
-- for all callers, so that lists with different limits share a prepared statement.
(select {columns} as task from ({tasks}) item limit :limit::int + 1)

-- [page of a search]
-- For orders that have an index. If the search index finds few candidates, these are fetched. If it finds too many, the
-- order's index is scanned until the page is full. So one of the two branches is always empty.
(
  with found as materialized (select tw.search_locations(:words::text[], :most_looked_up::int) as locations)
  (select {columns} as task from ({found tasks}) item limit :limit::int + 1)
  union all
  (select {columns} as task from ({tasks}) item limit :limit::int + 1)
)
