-- With the revision, a page of a long history is read in order. Calls that read or write Changes wait until the index is
-- built: about 3 s for a million Changes.
DROP INDEX "tw"."changes_entity_id_idx";--> statement-breakpoint
CREATE INDEX "changes_entity_id_idx" ON "tw"."changes" ("space_id","entity_id","revision");