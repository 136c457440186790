import cluster from 'node:cluster'
import { enableCompileCache } from 'node:module'

// Of the second start's time, half would go by compiling the same modules again.
enableCompileCache()
if (cluster.isWorker || ['', '1'].includes(process.env['WORKERS'] ?? '')) await import('./serve.ts')
else await import('./supervise.ts')
