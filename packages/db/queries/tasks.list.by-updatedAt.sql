-- tasks.list.by-updatedAt: by time of the last change.
-- {filter}: conditions of tasks.filter.sql. {direction}: asc or desc. {past}: > for asc, < for desc. {most}: a limit.
-- predicates: 0

-- [all]
(
  select t.*
  from tw.tasks t
  where {filter}
  order by t.updated_at {direction}, t.id {direction}
  limit {most}
)

-- [all, next page]
(
  select t.*
  from tw.tasks t
  where {filter}
    and (t.updated_at, t.id) {past} (:updated_at::timestamptz, :id::uuid)
  order by t.updated_at {direction}, t.id {direction}
  limit {most}
)
