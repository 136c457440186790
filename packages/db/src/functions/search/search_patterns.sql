-- What each word of a search has to match there, beside LIKE: those that begin anywhere, with a symbol too, are not here.
create or replace function tw.search_patterns(words text[]) returns text[] language sql immutable parallel safe as $$
  select array(
  select '(^|[^[:alnum:]' || tw.marks() || ']|[' || tw.unspaced() || '])' || regexp_replace(w, '([!-/:-@[-`{-~])', '\\\1', 'g')
  from unnest(words) w
  where w collate "und-x-icu" ~ ('^[[:alnum:]' || tw.marks() || ']') and w !~ ('^[' || tw.unspaced() || ']'))
$$;
