/**
 * Starts a database, prints it as one line of JSON, and stops it when standard input ends. If the second argument is
 * 'leave', this process exits at once instead, without stopping the database.
 */
import { type EmbeddedDatabaseOptions, startEmbeddedDatabase } from '../index.ts'

const [options = '{}', then = 'hold'] = process.argv.slice(2)
const database = await startEmbeddedDatabase(JSON.parse(options) as EmbeddedDatabaseOptions)
console.log(JSON.stringify(database))
if (then === 'hold') {
  process.stdin.once('end', () => void database.stop()).resume()
}
