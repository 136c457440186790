-- tasks.list.by-position: by position.
-- {filter}: conditions of tasks.filter.sql. {direction}: asc or desc. {past}: > for asc, < for desc. {most}: a limit.
-- predicates: 0

-- [of one list]
-- Positions are unique in a list, and the position index does not have the id: so the order does not either.
(
  select t.*
  from tw.tasks t
  where {filter}
  order by t.position {direction}
  limit {most}
)

-- [of one list, next page]
(
  select t.*
  from tw.tasks t
  where {filter}
    and (t.position) {past} (:position::text)
  order by t.position {direction}
  limit {most}
)

-- [of several]
(
  select t.*
  from tw.tasks t
  where {filter}
  order by t.position {direction}, t.id {direction}
  limit {most}
)

-- [of several, next page]
(
  select t.*
  from tw.tasks t
  where {filter}
    and (t.position, t.id) {past} (:position::text, :id::uuid)
  order by t.position {direction}, t.id {direction}
  limit {most}
)
