import { HEAVY_USER, type Model, type Script, SCRIPTS, TAGS, WORDS } from '../model.ts'

/** model.ts in SQL, as immutable expressions that PostgreSQL inlines. */
export function modelFunctions({ users, stride, seed, baseMs, stepMs }: Model): string {
  const array = (list: readonly string[]): string => `array['${list.join("','")}']`
  const pick = (list: readonly string[], salt: number): string =>
    `(${array(list)})[bench_seed.mix(task, ${salt}) % ${list.length} + 1]`
  const titleIn = (script: Script): string => {
    const { verbs, nouns, between } = WORDS[script]
    return `${pick(verbs, 41)} || '${between}' || ${pick(nouns, 43)}`
  }
  const define = (head: string, type: string, body: string): string =>
    `create or replace function bench_seed.${head} returns ${type} language sql immutable parallel safe return ${body};`
  const a = '((x + salt * 7919) * 48271 % 2147483647)'
  const draw = `(bench_seed.mix(task, ${seed})::float8 / 2147483647)`
  return [
    'create schema if not exists bench_seed;',
    // Used by the statements of pgbench.
    'grant usage on schema bench_seed to bench_open;',
    define('mix(x bigint, salt bigint)', 'bigint', `(${a} # (${a} >> 15)) * 69621 % 2147483647`),
    define(
      'user_of(task bigint)',
      'bigint',
      `case when task % ${stride} = 0 then ${HEAVY_USER} else ${HEAVY_USER + 1} + floor(${draw} * ${draw} * ${users - 1})::bigint end`,
    ),
    define(
      'user_id(n bigint)',
      'uuid',
      `(lpad(to_hex(bench_seed.mix(n, 7)), 8, '0') || '000040008000' || lpad(to_hex(n), 12, '0'))::uuid`,
    ),
    define(
      'task_id(task bigint)',
      'uuid',
      `(lpad(to_hex(${baseMs} + task * ${stepMs}), 12, '0') || '7' || lpad(to_hex(bench_seed.mix(task, 11) & 4095), 3, '0') || '8000' || lpad(to_hex(task), 12, '0'))::uuid`,
    ),
    define(
      'list_id(n bigint, list bigint)',
      'uuid',
      `(lpad(to_hex(bench_seed.mix(n * 8 + list, 5)), 8, '0') || '000040009000' || lpad(to_hex(n * 8 + list), 12, '0'))::uuid`,
    ),
    define('made_at(task bigint)', 'timestamptz', `to_timestamp((${baseMs} + task * ${stepMs}) / 1000.0)`),
    define(
      'token(n bigint)',
      'text',
      `'benchSession' || lpad(to_hex(bench_seed.mix(n, 37)), 8, '0') || lpad(to_hex(n), 12, '0')`,
    ),
    define('verb(task bigint)', 'text', pick(WORDS.latin.verbs, 41)),
    define('noun(task bigint)', 'text', pick(WORDS.latin.nouns, 43)),
    // Half of the first user's tasks are in the first writing system.
    define(
      'script(task bigint)',
      'bigint',
      `case when task % ${stride} = 0 then greatest(task / ${stride} % 4 - 1, 0) else 0 end`,
    ),
    define(
      'title(task bigint)',
      'text',
      `case ${SCRIPTS.map((script, n) => `when bench_seed.script(task) = ${n} then ${titleIn(script)}`).join(' ')} end || ' ' || task::text`,
    ),
    define(
      'tag(task bigint, nr bigint)',
      'text',
      `(${array(TAGS)})[bench_seed.mix(task, 47 + nr) % ${TAGS.length} + 1]`,
    ),
  ].join('\n')
}
