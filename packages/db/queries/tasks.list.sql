-- tasks.list: a page of tasks, and the space's revision, in one snapshot. `last` is for the cursor of the next page.
-- {clock} and {page} are filled with parts of this file, {tasks} with parts of the order's file, tasks.list.by-….sql, and
-- the {filter} in those with parts of tasks.filter.sql.
-- predicates: 1
select c.user_id as caller_id, c.space_id as caller_space, tw.iso(c.session_expires) as caller_until, result.*
from tw.authenticate(:space, :credential, :acting, :need) c
cross join set_config('transaction_read_only', 'on', true)
left join lateral (
  select true as is_row, s.revision, coalesce(array_to_json(p.tasks[1 : :limit::int]), '[]')::text as items,
    p.tasks[:limit::int] as last, cardinality(p.tasks) > :limit::int as more, {clock} as clock
  from tw.spaces s, (select array_agg(page.task) as tasks from {page} page) p
  where s.id = tw.space()
) result on true

-- [no clock]
'[]'::json

-- [clock]
-- The cursor repeats these for later pages, if the filter depends on the time or the zone.
json_build_array(tw.iso({now}), {zone})

-- [page]
-- One task more than requested shows whether another page follows. The limits within {tasks} are literals, a few powers
-- of two, so that all callers share their plans.
(select task from ({tasks}) most limit :limit::int + 1)

-- [page of a search]
-- For orders that have an index. Few candidates are fetched from the search index. With too many, the order's index is
-- scanned until the page is full. One of the two branches is always empty.
(
  with found as materialized (select tw.search_locations(:words::text[], :most_looked_up::int) as locations)
  (select task from ({found tasks}) most limit :limit::int + 1)
  union all
  (select task from ({tasks}) most limit :limit::int + 1)
)
