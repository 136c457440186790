-- tasks.list.by-position: by position.
-- {filter}: conditions of tasks.filter.sql. {direction}: asc or desc, with {past}: > or <. {most}: a number.
-- predicates: 0

-- [of one list]
-- Positions are unique in a list. Not ordered by id too, since the position index does not have it.
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
