-- tasks.list.by-due: by due date, all-day ones of a day before those with a time; those without a due date last, both ways.
-- {filter}: conditions of tasks.filter.sql. {direction}: asc or desc. {past}: > or <, by that. {most}: a number.
-- predicates: 0

-- [instant]
-- A case and not coalesce(), which PostgreSQL takes for leaky: behind a policy it would be no index condition.
(case when t.due_at is null then '-infinity' else t.due_at end)

-- [due]
(
  select tw.task_json(t) as task
  from tw.tasks t
  where {filter} and t.due_date is not null
  order by t.due_date {direction}, {instant} {direction}, t.id {direction}
  limit {most}
)

-- [due, next page]
(
  select tw.task_json(t) as task
  from tw.tasks t
  where {filter} and t.due_date is not null
    and (t.due_date, {instant}, t.id) {past} (:due_date::date, :due_at::timestamptz, :id::uuid)
  order by t.due_date {direction}, {instant} {direction}, t.id {direction}
  limit {most}
)

-- [not due]
-- The date is null in all of them, but stands first in the index that has the order.
(
  select tw.task_json(t) as task
  from tw.tasks t
  where {filter} and t.due_date is null
  order by t.due_date {direction}, {instant} {direction}, t.id {direction}
  limit {most}
)

-- [not due, next page]
(
  select tw.task_json(t) as task
  from tw.tasks t
  where {filter} and t.due_date is null
    and ({instant}, t.id) {past} (:due_at::timestamptz, :id::uuid)
  order by t.due_date {direction}, {instant} {direction}, t.id {direction}
  limit {most}
)
