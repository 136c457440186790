import { stepsOfTheDatabase } from './database-steps.ts'
import { stepsOfTheService } from './service-steps.ts'

// What each step costs that works on what a caller has sent, at its largest input of the kind that takes longest:
// the table of docs/evidence/input-costs.md.

const costs = [...(await stepsOfTheService()), ...(await stepsOfTheDatabase())]
const rows = costs.map(
  ({ step, largest, ms, by }) => `| ${step} | ${largest} | ${ms < 0.1 ? '< 0.1' : ms.toFixed(1)} | ${by} |`,
)
process.stdout.write(`| step | largest input | ms | by |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`)
