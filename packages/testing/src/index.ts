export { connectTaskwire } from './connect.ts'
export { startTaskwire } from './start.ts'
export type * from './types.ts'
