-- tasks.list.by-createdAt: by creation time.
-- {filter}: conditions of tasks.filter.sql. {direction}: asc or desc. {past}: > for asc, < for desc. {most}: a limit.
-- predicates: 0

-- [all]
(
  select t.*
  from tw.tasks t
  where {filter}
  order by t.created_at {direction}, t.id {direction}
  limit {most}
)

-- [all, next page]
(
  select t.*
  from tw.tasks t
  where {filter}
    and (t.created_at, t.id) {past} (:created_at::timestamptz, :id::uuid)
  order by t.created_at {direction}, t.id {direction}
  limit {most}
)
