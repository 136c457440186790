-- tasks.list.by-completedAt: by completion time; open tasks come last in both directions.
-- {filter}: conditions of tasks.filter.sql. {direction}: asc or desc. {past}: > for asc, < for desc. {most}: a limit.
-- predicates: 0

-- [complete]
(
  select t.*
  from tw.tasks t
  where {filter} and t.completed_at is not null
  order by t.completed_at {direction}, t.id {direction}
  limit {most}
)

-- [complete, next page]
(
  select t.*
  from tw.tasks t
  where {filter} and t.completed_at is not null
    and (t.completed_at, t.id) {past} (:completed_at::timestamptz, :id::uuid)
  order by t.completed_at {direction}, t.id {direction}
  limit {most}
)

-- [open]
-- The time is null in all of these, so they are ordered by id alone.
(
  select t.*
  from tw.tasks t
  where {filter} and t.completed_at is null
  order by t.id {direction}
  limit {most}
)

-- [open, next page]
(
  select t.*
  from tw.tasks t
  where {filter} and t.completed_at is null
    and (t.id) {past} (:id::uuid)
  order by t.id {direction}
  limit {most}
)
