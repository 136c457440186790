// Writes schema.sql and the diagram of docs/data-model.md from a freshly migrated database. With --check it writes
// nothing, and fails if schema.sql, the diagram, the migrations and src/schema disagree.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { functionsDirectory, readFunctions, RELEASE_FILE } from '../src/function-set.ts'
import { migrationsDirectory } from '../src/migration-files.ts'
import { readColumns, updateDiagram } from './diagram.ts'
import { dumpSchema } from './dump.ts'
import { driftOf, folderProblems, linesThatDiffer } from './drift.ts'
import { connectFresh } from './fresh.ts'

const file = fileURLToPath(new URL('../schema.sql', import.meta.url))
const dataModel = fileURLToPath(new URL('../../../docs/data-model.md', import.meta.url))

/** Gives a changed set of functions the next release number. */
function writeRelease(): void {
  const { release, hash, recordedHash } = readFunctions()
  if (hash === recordedHash) return
  writeFileSync(join(functionsDirectory, RELEASE_FILE), `${JSON.stringify({ release: release + 1, hash }, null, 2)}\n`)
}

const temporary = mkdtempSync(join(tmpdir(), 'taskwire-schema-'))
try {
  const isCheck = process.argv.includes('--check')
  if (!isCheck) writeRelease()
  await using fresh = await connectFresh({ directory: join(temporary, 'db') })
  const text = await dumpSchema(fresh.sql)
  const page = readFileSync(dataModel, 'utf8')
  const updatedPage = updateDiagram(page, await readColumns(fresh.sql))
  if (!isCheck) {
    writeFileSync(file, text)
    writeFileSync(dataModel, updatedPage)
  } else {
    const problems = [...folderProblems(migrationsDirectory)]
    const { hash, recordedHash } = readFunctions()
    if (hash !== recordedHash)
      problems.push(
        `The functions have changed since their release was recorded. Run npm run schema:write, and commit ${RELEASE_FILE}.`,
      )
    const drift = driftOf(migrationsDirectory, join(temporary, 'migrations'))
    if (drift !== null)
      problems.push(
        `packages/db/src/schema differs from the migrations. Run npm run db:generate, and read the migration that it writes:\n${drift}`,
      )
    const committed = readFileSync(file, 'utf8')
    if (committed !== text)
      problems.push(
        `packages/db/schema.sql differs from the migrated database. Run npm run schema:write, read its diff, and commit it:\n${linesThatDiffer(committed, text)}`,
      )
    if (page !== updatedPage)
      problems.push(
        `The diagram of docs/data-model.md differs from the migrated database. Run npm run schema:write, and commit it:\n${linesThatDiffer(page, updatedPage)}`,
      )
    for (const problem of problems) console.error(problem)
    if (problems.length > 0) process.exitCode = 1
  }
} finally {
  rmSync(temporary, { recursive: true, force: true })
}
