-- For the saboteur of previous-release: what no release may do while the one before still runs.
alter table tw.tasks rename column title to heading;
