import cluster from 'node:cluster'
import { enableCompileCache } from 'node:module'
import { catchSignals } from './process/signals.ts'

// First of all, since the first process of a container ignores signals without a handler.
catchSignals()
// Halves the time of later starts, which would compile the same modules again.
enableCompileCache()
if (cluster.isWorker || ['', '1'].includes(process.env['WORKERS'] ?? '')) await import('./process/serve.ts')
else await import('./process/supervise.ts')
