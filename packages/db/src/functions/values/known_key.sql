-- The key of a tag or of a list's name, as textKey() of the contract makes it: of ASCII alone it is the lower case, of
-- anything else it is what `keys` has for that text, null where it has nothing. Versions of Unicode differ in what they
-- make of a letter, and the database's is not the service's.
create or replace function tw.known_key(given text, keys jsonb) returns text language sql immutable parallel safe as $$
  select case when octet_length(given) = char_length(given) then lower(given collate "C") else keys->>given end
$$;
