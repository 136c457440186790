// What a page with the store and the hooks loads, to measure its size.
export * from '../react.ts'
export * from '../store.ts'
