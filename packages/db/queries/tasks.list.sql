-- tasks.list: a page of tasks, and the space's revision, of one snapshot. `last` is for the cursor of the next page.
-- {clock} and {page} are of the parts below; their {tasks} are of a file of an order, tasks.list.by-….sql, and the
-- {filter} of those is of tasks.filter.sql.
-- predicates: 1
select c.user_id as caller_id, c.space_id as caller_space, tw.iso(c.session_expires) as caller_until, asked.*
from tw.authenticate(:space, :credential, :acting, :need) c
cross join set_config('transaction_read_only', 'on', true)
left join lateral (
  select true as is_row, s.revision, coalesce(array_to_json(p.tasks[1 : :limit::int]), '[]')::text as items,
    p.tasks[:limit::int] as last, cardinality(p.tasks) > :limit::int as more, {clock} as clock
  from tw.spaces s, (select array_agg(page.task) as tasks from {page} page) p
  where s.id = tw.space()
) asked on true

-- [no clock]
'[]'::json

-- [clock]
-- What the pages that follow are asked with, where what is found depends on it.
json_build_array(tw.iso({now}), {zone})

-- [page]
-- One task more than asked for tells whether there are others. The limits within {tasks} are numbers of the text, a
-- few powers of two: plans for them are made once, for all callers.
(select task from ({tasks}) most limit :limit::int + 1)

-- [page of a search]
-- Where an index has the order. One of the two is empty: where many match, the first of them are soon met.
(
  with found as materialized (select tw.search_spots(:words::text[], :most_looked_up::int) as spots)
  (select task from ({found tasks}) most limit :limit::int + 1)
  union all
  (select task from ({tasks}) most limit :limit::int + 1)
)
