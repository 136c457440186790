-- tasks.list.by-priority: by priority.
-- {filter}: conditions of tasks.filter.sql. {direction}: asc or desc. {past}: > for asc, < for desc. {most}: a limit.
-- predicates: 0

-- [all]
(
  select t.*
  from tw.tasks t
  where {filter}
  order by t.priority {direction}, t.id {direction}
  limit {most}
)

-- [all, next page]
(
  select t.*
  from tw.tasks t
  where {filter}
    and (t.priority, t.id) {past} (:priority::smallint, :id::uuid)
  order by t.priority {direction}, t.id {direction}
  limit {most}
)
