-- The key of a tag or of a list's name, as textKey() of the contract computes it. For ASCII it is the lower-case text.
-- For another text it is looked up in `keys`, by the text; null if it is missing there. The service computes `keys`,
-- since the database may have another version of Unicode, and fold letters differently.
create or replace function tw.known_key(given text, keys jsonb) returns text language sql immutable parallel safe as $$
  select case when octet_length(given) = char_length(given) then lower(given collate "C") else keys->>given end
$$;
