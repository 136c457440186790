-- The regular expressions that a task must match besides LIKE: one for each word that must match at the start of a
-- word. Words that may match anywhere, such as those that begin with a symbol, have none.
create or replace function tw.search_patterns(words text[]) returns text[] language sql immutable parallel safe as $$
  select array(
  select '(^|[^[:alnum:]' || tw.marks() || ']|[' || tw.unspaced() || '])' || regexp_replace(w, '([!-/:-@[-`{-~])', '\\\1', 'g')
  from unnest(words) w
  where w collate "und-x-icu" ~ ('^[[:alnum:]' || tw.marks() || ']') and w !~ ('^[' || tw.unspaced() || ']'))
$$;
