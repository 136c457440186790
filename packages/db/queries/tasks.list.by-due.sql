-- tasks.list.by-due: by due date; within a day, all-day tasks sort before timed ones (after them if desc). Tasks
-- without a due date come last in both directions.
-- {filter}: conditions of tasks.filter.sql. {direction}: asc or desc. {past}: > for asc, < for desc. {most}: a limit.
-- predicates: 0

-- [instant]
-- `case` instead of coalesce(), which is not leakproof and so cannot be an index condition under row-level security.
(case when t.due_at is null then '-infinity' else t.due_at end)

-- [in order]
-- due_date is in the order even where it is always null, because the index begins with it.
order by t.due_date {direction}, {instant} {direction}, t.id {direction}
  limit {most}

-- [with due date]
(
  select t.*
  from tw.tasks t
  where {filter} and t.due_date is not null
  {in order}
)

-- [with due date, next page]
(
  select t.*
  from tw.tasks t
  where {filter} and t.due_date is not null
    and (t.due_date, {instant}, t.id) {past} (:due_date::date, :due_at::timestamptz, :id::uuid)
  {in order}
)

-- [no due date]
(
  select t.*
  from tw.tasks t
  where {filter} and t.due_date is null
  {in order}
)

-- [no due date, next page]
(
  select t.*
  from tw.tasks t
  where {filter} and t.due_date is null
    and ({instant}, t.id) {past} (:due_at::timestamptz, :id::uuid)
  {in order}
)
