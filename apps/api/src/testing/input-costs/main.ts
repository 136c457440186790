import { stepsOfTheDatabase } from './database-steps.ts'
import { stepsOfTheService } from './service-steps.ts'

// Prints the table of docs/evidence/input-costs.md: what each step that processes input costs, at the largest input of
// the slowest kind.

const costs = [...(await stepsOfTheService()), ...(await stepsOfTheDatabase())]
const rows = costs.map(
  ({ step, largest, ms, by }) => `| ${step} | ${largest} | ${ms < 0.1 ? '< 0.1' : ms.toFixed(1)} | ${by} |`,
)
process.stdout.write(`| step | largest input | ms | slowest kind |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`)
