-- tasks.list.by-due: by due date; within a day, all-day tasks before those with a time. Tasks without a due date come last
-- in both directions.
-- {filter}: conditions of tasks.filter.sql. {direction}: asc or desc, with {past}: > or <. {most}: a number.
-- predicates: 0

-- [instant]
-- `case` instead of coalesce(), which is not leakproof and so cannot be an index condition under row-level security.
(case when t.due_at is null then '-infinity' else t.due_at end)

-- [in order]
-- Where the date is null it is named too, since it is the first column of the index with this order.
order by t.due_date {direction}, {instant} {direction}, t.id {direction}
  limit {most}

-- [due]
(
  select t.*
  from tw.tasks t
  where {filter} and t.due_date is not null
  {in order}
)

-- [due, next page]
(
  select t.*
  from tw.tasks t
  where {filter} and t.due_date is not null
    and (t.due_date, {instant}, t.id) {past} (:due_date::date, :due_at::timestamptz, :id::uuid)
  {in order}
)

-- [not due]
(
  select t.*
  from tw.tasks t
  where {filter} and t.due_date is null
  {in order}
)

-- [not due, next page]
(
  select t.*
  from tw.tasks t
  where {filter} and t.due_date is null
    and ({instant}, t.id) {past} (:due_at::timestamptz, :id::uuid)
  {in order}
)
