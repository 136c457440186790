import { enableCompileCache } from 'node:module'

// Of the second start's time, half would go by compiling the same modules again.
enableCompileCache()
await import('./serve.ts')
