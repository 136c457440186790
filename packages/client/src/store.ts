/** Queries of a mirror of a space, which agree with the service's. */
export { comparator } from './store/query/comparator.ts'
export { dueAtOf } from './store/query/due-at.ts'
export { countTasks, findTasks } from './store/query/find-tasks.ts'
export { matcher } from './store/query/matcher.ts'
export { tagCounts } from './store/query/tag-counts.ts'
export type { Clock } from './store/query/zone.ts'
