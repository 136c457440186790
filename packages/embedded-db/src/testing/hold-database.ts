/**
 * A process of its own that starts a database, prints it as one line of JSON, and keeps it until
 * its standard input ends; with 'leave' as second argument it ends at once without stopping it.
 */
import { startEmbeddedDatabase } from '../index.ts'
import type { EmbeddedDatabaseOptions } from '../index.ts'

const [options = '{}', then = 'hold'] = process.argv.slice(2)
const database = await startEmbeddedDatabase(JSON.parse(options) as EmbeddedDatabaseOptions)
console.log(JSON.stringify(database))
if (then === 'hold') {
  process.stdin.once('end', () => void database.stop()).resume()
}
