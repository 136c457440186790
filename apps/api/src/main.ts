import module from 'node:module'
import { catchSignals } from './process/signals.ts'

// First of all, since the first process of a container ignores signals without a handler.
catchSignals()
// Halves the time of later starts, which would compile the same modules again.
// Node 22.0 does not have it.
module.enableCompileCache?.()
await import('./process/serve.ts')
