-- How many digits a position may have. Where one between two neighbours would need more, those around it are rebalanced.
create or replace function tw.longest_position() returns int language sql immutable parallel safe as $$ select 64 $$;
