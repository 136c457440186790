-- The negative control of previous-release: a change that breaks the previous release while it still runs.
alter table tw.tasks rename column title to heading;
