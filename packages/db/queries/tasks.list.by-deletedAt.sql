-- tasks.list.by-deletedAt: by time of deletion; tasks that are not in the trash come last in both directions.
-- {filter}: conditions of tasks.filter.sql. {direction}: asc or desc. {past}: > for asc, < for desc. {most}: a limit.
-- predicates: 0

-- [in the trash]
(
  select t.*
  from tw.tasks t
  where {filter} and t.deleted_at is not null
  order by t.deleted_at {direction}, t.id {direction}
  limit {most}
)

-- [in the trash, next page]
(
  select t.*
  from tw.tasks t
  where {filter} and t.deleted_at is not null
    and (t.deleted_at, t.id) {past} (:deleted_at::timestamptz, :id::uuid)
  order by t.deleted_at {direction}, t.id {direction}
  limit {most}
)

-- [live]
-- The time is null in all of these, so they are ordered by id alone.
(
  select t.*
  from tw.tasks t
  where {filter} and t.deleted_at is null
  order by t.id {direction}
  limit {most}
)

-- [live, next page]
(
  select t.*
  from tw.tasks t
  where {filter} and t.deleted_at is null
    and (t.id) {past} (:id::uuid)
  order by t.id {direction}
  limit {most}
)
