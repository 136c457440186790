-- tasks.list.by-deletedAt: by when they went to the trash, and those that are live last, both ways.
-- {filter}: conditions of tasks.filter.sql. {direction}: asc or desc. {past}: > or <, by that. {most}: a number.
-- predicates: 0

-- [in the trash]
(
  select tw.task_json(t) as task
  from tw.tasks t
  where {filter} and t.deleted_at is not null
  order by t.deleted_at {direction}, t.id {direction}
  limit {most}
)

-- [in the trash, next page]
(
  select tw.task_json(t) as task
  from tw.tasks t
  where {filter} and t.deleted_at is not null
    and (t.deleted_at, t.id) {past} (:deleted_at::timestamptz, :id::uuid)
  order by t.deleted_at {direction}, t.id {direction}
  limit {most}
)

-- [live]
-- Without an index that has the order they go by their ids alone.
(
  select tw.task_json(t) as task
  from tw.tasks t
  where {filter} and t.deleted_at is null
  order by t.id {direction}
  limit {most}
)

-- [live, next page]
(
  select tw.task_json(t) as task
  from tw.tasks t
  where {filter} and t.deleted_at is null
    and (t.id) {past} (:id::uuid)
  order by t.id {direction}
  limit {most}
)
