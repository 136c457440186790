import type { Caller } from '../caller.ts'
import type { CallerSession, ReadResult } from '../caller-session.ts'
import { readQueryFile } from '../query.ts'
import { bytesText, type Statement } from '../statement.ts'

const VERIFY = readQueryFile('credentials.verify').text
const NOTHING = 'select true as is_row'

/** Reads by a statement of a test, authenticated like every query. */
export async function read(
  session: Pick<CallerSession, 'read'>,
  caller: Caller,
  need: string,
  { text, parameters }: Statement,
  signal?: AbortSignal,
): Promise<ReadResult> {
  const query = `${NOTHING}, q.* from (${text}) q`
  const names = [':space', ':credential', ':acting', ':need']
  const authenticated = names.reduce(
    (whole, name, at) => whole.replace(name, `$$${parameters.length + at + 1}`),
    VERIFY.replace(NOTHING, () => query),
  )
  const { spaceId, credential, actingAs } = caller
  const statement = { text: authenticated, parameters: [...parameters, spaceId, bytesText(credential), actingAs, need] }
  return await session.read(caller, need, { name: 'test', isShort: false, statement: () => statement }, signal)
}
