import { type AnyProcedure, contract } from '@taskwire/contract'
import { expect, test } from 'vitest'
import { DEFINER_FUNCTIONS, readFunctions } from './function-set.ts'

// These rules allow spaces to be distributed over several databases: a call is routed by its first argument, the space,
// and reads or writes nothing outside of it.

const functions = readFunctions().files.filter(({ schema }) => schema === 'tw')

/** Functions that compute values and read no table. */
const VALUE_FUNCTIONS =
  'account_json user_json change_json key_json list_json task_json bulk_reply answered acted_task changed_list changed_task undone_task renamed_tag ' +
  'differences holds list_change task_action task_change each_location due_at iso known_key priority_rank zone ' +
  'fraction_between longest_position position_between position_integer position_text positions_between positions_now'

/** Functions for parts of a search, for an account with all of its spaces, and for all spaces or accounts. */
const OTHER_FUNCTIONS = 'search_is_exact search_patterns search_locations erase_me sweep watch add_user users_page'

const WITHOUT_SPACE = `${VALUE_FUNCTIONS} ${OTHER_FUNCTIONS}`.split(' ').toSorted()

const withoutComments = (text: string): string => text.replace(/--.*$/gm, '')
/** Functions that may return another value for each row. A function is volatile by default. */
const VOLATILE = [
  'clock_timestamp',
  'gen_random_uuid',
  'nextval',
  'random',
  'set_config',
  'timeofday',
  ...functions
    .filter(({ text }) => !/^\)?.*\b(?:immutable|stable)\b/m.test(text.slice(0, text.indexOf('$$'))))
    .map(({ name }) => `tw.${name}`),
]

test('the first argument of each function is the space, except for functions of values or of all spaces', () => {
  const first = functions.map(({ name, text }): [string, string | undefined] => [
    name,
    /create or replace function [\w.]+\(\s*(\w+ \w+)/.exec(text)?.[1],
  ])
  expect(
    first
      .filter(([, argument]) => argument !== 'space uuid')
      .map(([name]) => name)
      .toSorted(),
  ).toEqual(WITHOUT_SPACE)
})

test('no statement that writes calls a volatile function', () => {
  const found = functions.flatMap(({ name, text }) =>
    [...withoutComments(text).matchAll(/\b(?:update|insert into|delete from)\s+tw\.[^;]*/g)].flatMap(([statement]) =>
      VOLATILE.filter((called) => statement.includes(`${called}(`)).map((called) => `${name}: ${called}`),
    ),
  )
  expect(found).toEqual([])
})

test('a function compares with the space that is its argument, and with no other', () => {
  const found = functions
    .filter(({ name }) => !DEFINER_FUNCTIONS.includes(name))
    .flatMap(({ name, text }) =>
      [...withoutComments(text).matchAll(/\b(?:(?:\w+\.)?space_id|s\.id) (?:=|<>|in|is)[^=]\s*[^\s;)]+/g)]
        // $2 is the space in the EXECUTE of bulk_tasks.
        .filter(([compared]) => !/= (?:space|\$2)$/.test(compared))
        .map(([compared]) => `${name}: ${compared}`),
    )
  expect(found).toEqual([])
})

test('the comment of a mutation’s function begins with its procedure, and the function requires the contract’s scope', () => {
  // `-- tasks.create and tasks.createMany: …`, and the fourth argument of tw.begin_mutation().
  const need = /tw\.begin_mutation\((?:\s*\w+,){3}\s*'([^']+)'/
  const inSql = functions
    .filter(({ name, text }) => name !== 'begin_mutation' && text.includes('tw.begin_mutation('))
    .flatMap(({ name, text }) => {
      const [, procedures = `no procedure in the comment of ${name}`] = /^-- ([^:]+):/.exec(text) ?? []
      return procedures.split(' and ').map((procedure) => [procedure, need.exec(text)?.[1]])
    })
  const inContract = Object.entries(contract).flatMap(([namespace, procedures]) =>
    Object.entries<AnyProcedure>(procedures)
      .filter(([, { kind }]) => kind === 'mutation')
      .map(([name, { access }]) => [`${namespace}.${name}`, access]),
  )
  expect(inSql.toSorted()).toEqual(inContract.toSorted())
})
