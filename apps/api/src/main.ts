import cluster from 'node:cluster'
import { enableCompileCache } from 'node:module'
import { catchSignals } from './process/signals.ts'

// Before all else: to the first process of a container a signal without a handler is none.
catchSignals()
// Of the second start's time, half would go by compiling the same modules again.
enableCompileCache()
if (cluster.isWorker || ['', '1'].includes(process.env['WORKERS'] ?? '')) await import('./process/serve.ts')
else await import('./process/supervise.ts')
