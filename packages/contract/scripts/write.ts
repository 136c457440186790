// Writes contract.json and its hash from the schemas. With --check it writes nothing, and fails on a difference.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { contractJson } from './snapshot.ts'

const json = contractJson()
const hash = createHash('sha256').update(json).digest('hex').slice(0, 16)
const files: [URL, string][] = [
  [new URL('../contract.json', import.meta.url), json],
  [
    new URL('../src/hash.ts', import.meta.url),
    `/** Written by \`npm run contract:write\` from contract.json. */\nexport const CONTRACT_HASH = '${hash}'\n`,
  ],
]

if (process.argv.includes('--check')) {
  const stale = files.filter(([file, text]) => readFileSync(file, 'utf8') !== text)
  if (stale.length > 0) {
    console.error(
      `The contract has changed: ${stale.map(([file]) => file.pathname.split('/').at(-1)).join(', ')} differ from the schemas.\n` +
        'Run `npm run contract:write`, read the diff as a caller would, and commit it (docs/contract.md says which changes break callers).',
    )
    process.exitCode = 1
  }
} else for (const [file, text] of files) writeFileSync(file, text)
