-- tasks.list.by-position: in the order of a list.
-- {filter}: conditions of tasks.filter.sql. {direction}: asc or desc. {past}: > or <, by that. {most}: a number.
-- predicates: 0

-- [of one list]
-- There positions differ; with the id after them, the index of positions would not have the order.
(
  select tw.task_json(t) as task
  from tw.tasks t
  where {filter}
  order by t.position {direction}
  limit {most}
)

-- [of one list, next page]
(
  select tw.task_json(t) as task
  from tw.tasks t
  where {filter}
    and (t.position) {past} (:position::text)
  order by t.position {direction}
  limit {most}
)

-- [of several]
(
  select tw.task_json(t) as task
  from tw.tasks t
  where {filter}
  order by t.position {direction}, t.id {direction}
  limit {most}
)

-- [of several, next page]
(
  select tw.task_json(t) as task
  from tw.tasks t
  where {filter}
    and (t.position, t.id) {past} (:position::text, :id::uuid)
  order by t.position {direction}, t.id {direction}
  limit {most}
)
