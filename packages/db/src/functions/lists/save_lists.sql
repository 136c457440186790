-- Inserts or updates the lists `news` of the space. Elements that are null are ignored.
create or replace function tw.save_lists(space uuid, news tw.lists[]) returns void language plpgsql volatile as $$
begin
  insert into tw.lists select n.* from unnest(news) n where n.id is not null and space = n.space_id
    on conflict (space_id, id) do update set name = excluded.name, name_key = excluded.name_key, position = excluded.position,
      revision = excluded.revision, updated_at = excluded.updated_at;
end $$;
