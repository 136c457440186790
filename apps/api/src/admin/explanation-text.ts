import { readdirSync } from 'node:fs'
import { type ExplainedStatement, functionsDirectory } from '@taskwire/db'
import { counted } from './counted.ts'

export interface Explanation {
  path: string
  email: string
  /** The login that ran the statements. */
  login: string
  explained: readonly ExplainedStatement[]
  /** OK, or the error of the call. */
  outcome: string
}

/** Formats the statements of a call and their plans for reading. */
export function explanationText({ path, email, login, explained, outcome }: Explanation): string {
  return [
    `${path} as ${email}: ${counted(explained.length, 'round trip')} to the database, and one more when a connection first prepares the statement.`,
    ...explained.map((statement) => statementText(statement, login)),
    `OUTCOME, rolled back\n${outcome}`,
  ].join('\n\n')
}

function statementText({ statement, firstMs, plan, inner }: ExplainedStatement, login: string): string {
  const parameters = statement.parameters.map((value, at) => `$${at + 1} = ${parameterText(value)}`)
  return [
    `STATEMENT\n${statement.text}`,
    `PARAMETERS\n${parameters.join('\n')}`,
    `PLAN of the second run, as ${login}. The first took ${firstMs.toFixed(1)} ms, with planning on a new connection.\n${plan.join('\n')}`,
    ...(inner === undefined ? [] : [innerText(statement.text, inner)]),
  ].join('\n\n')
}

function innerText(text: string, inner: NonNullable<ExplainedStatement['inner']>): string {
  const name = /^from tw\.(\w+)\(/m.exec(text)?.[1] ?? ''
  const files = readdirSync(functionsDirectory, { recursive: true, encoding: 'utf8' })
  const file = files.find((path) => path.endsWith(`/${name}.sql`)) ?? ''
  const heading = `PLANS INSIDE tw.${name}(), whose statements are in packages/db/src/functions/${file}`
  if ('missing' in inner) return `${heading}\nNot available: ${inner.missing}. Add --superuser ADDRESS.`
  return [`${heading}, of a third run, longest total first`, ...groupPlans(inner.plans)].join('\n\n')
}

// auto_explain sends the duration, the statement and its plan, whose first line has costs.
const PLAN = /^duration: ([\d.]+) ms {2}plan:\nQuery Text: ([^]*?)\n(.*\(cost=[^]*)$/

/** Groups the plans of a statement that ran several times, as in a loop, and shows the slowest plan of each group. */
function groupPlans(plans: readonly string[]): string[] {
  const groups = new Map<string, { times: number; totalMs: number; slowestMs: number; plan: string }>()
  for (const notice of plans) {
    const [, duration, text = notice, plan = ''] = PLAN.exec(notice) ?? []
    const ms = Number(duration ?? 0)
    const group = groups.get(text) ?? { times: 0, totalMs: 0, slowestMs: -1, plan }
    groups.set(text, group)
    group.times += 1
    group.totalMs += ms
    if (ms > group.slowestMs) Object.assign(group, { slowestMs: ms, plan })
  }
  return [...groups]
    .toSorted(([, a], [, b]) => b.totalMs - a.totalMs)
    .map(([text, { times, totalMs, slowestMs, plan }]) => {
      const slowest = times === 1 ? '' : `, run ${times} times; the slowest took ${slowestMs.toFixed(3)} ms`
      return `${totalMs.toFixed(3)} ms${slowest}:\n${text.trim()}\n${plan}`
    })
}

const HASH = /^\\x[0-9a-f]{64}$/
const SHOWN = 500

function parameterText(value: string | null): string {
  if (value === null) return 'null'
  if (HASH.test(value)) return '(a hash)'
  const text = `'${value.replaceAll("'", "''")}'`
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}… (${value.length} characters)`
}
