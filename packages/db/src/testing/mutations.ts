import { randomUUID } from 'node:crypto'
import type { Sql } from 'postgres'
import { type MutationCall, mutationFunction } from '../mutation.ts'

const createList = mutationFunction('create_list', {
  list: 'uuid',
  fields: 'jsonb',
  after_given: 'boolean',
  after: 'uuid',
  most_rows: 'integer',
})

/** A mutation that creates a list with a unique name. */
export function newList(name = 'List'): MutationCall {
  const [list, key] = [randomUUID(), randomUUID()]
  const fields = JSON.stringify({ name, name_key: key })
  return createList.with({ list, fields, after_given: false, after: null, most_rows: 1000 })
}

const anything = mutationFunction('anything', { need: 'text', command: 'text' })

/** Adds `tw.anything()`, the function of `doAnything()`, to a test's database. */
export async function addAnything(admin: Sql): Promise<void> {
  await admin.unsafe(`create function tw.anything(
      space uuid, credential bytea, acting uuid, mutation uuid, payload bytea, request text, need text, command text
    ) returns tw.answer language plpgsql volatile as $$
    declare
      m tw.mutation := tw.begin_mutation(space, credential, acting, need, mutation, payload, request);
    begin
      if m.replayed then return tw.answered(m, 'ok', m.reply); end if;
      execute command;
      return tw.finish_mutation(m.space_id, m, '{}', null);
    end $$;
    grant execute on function tw.anything to taskwire_app`)
}

/** A mutation that runs a statement under the lock of the space, and logs no Change. */
export function doAnything(command: string, need = 'tasks:write'): MutationCall {
  return anything.with({ need, command })
}
