-- The most characters that a position may have. Where a new one would need more, its neighbours are rebalanced.
create or replace function tw.longest_position() returns int language sql immutable parallel safe as $$ select 64 $$;
