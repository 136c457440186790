-- True if the search index alone decides whether a task matches this word: the word is a single term, or a pair of
-- characters of a writing system without spaces.
create or replace function tw.search_is_exact(word text) returns boolean
language sql immutable parallel safe as $$
  select tw.search_terms(word) = array[word] or word ~ ('^[' || tw.unspaced() || ']{2}$')
$$;
