-- The key of a tag or of a list's name, as textKey() of the contract computes it. For ASCII it is the lower-case text. For
-- other texts it is looked up in `keys`, by text; null if it is missing there. The service computes those, since the
-- database may fold letters by another version of Unicode.
create or replace function tw.known_key(given text, keys jsonb) returns text language sql immutable parallel safe as $$
  select case when octet_length(given) = char_length(given) then lower(given collate "C") else keys->>given end
$$;
