-- Whether the index alone tells what matches this word: it is one term, or a pair of characters without blanks.
create or replace function tw.search_is_exact(word text) returns boolean
language sql immutable parallel safe as $$
  select tw.search_terms(word) = array[word] or word ~ ('^[' || tw.unspaced() || ']{2}$')
$$;
