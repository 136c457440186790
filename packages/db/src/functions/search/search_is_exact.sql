-- Whether the index alone decides if a task matches this word: it is a single term, or a pair of characters of a script
-- without spaces.
create or replace function tw.search_is_exact(word text) returns boolean
language sql immutable parallel safe as $$
  select tw.search_terms(word) = array[word] or word ~ ('^[' || tw.unspaced() || ']{2}$')
$$;
