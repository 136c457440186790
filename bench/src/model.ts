/**
 * The data is computed: every user, task and session follows from a row number, by the same rule here, in SQL
 * (seed/functions.ts) and in pgbench expressions (subjects/database). So a load generator knows which rows exist
 * without reading them.
 */
export interface Size {
  users: number
  tasks: number
}

export interface Model extends Size {
  seed: number
  /** Every `stride`-th task belongs to the first user. */
  stride: number
  /** Number of tasks of the first user. */
  heavyTasks: number
  /** When task 0 was created, in milliseconds since 1970. */
  baseMs: number
  /** Milliseconds from one task to the next. */
  stepMs: number
}

export const HEAVY_USER = 1
export const LISTS_PER_USER = 5
/** The modulus of a Lehmer generator. Products stay below 2^53, so that doubles are exact. */
const PRIME = 2_147_483_647
const HISTORY_MS = 730 * 86_400_000
const MAX_HEAVY_TASKS = 100_000

/** `endMs` is when the last task was created. */
export function createModel({ users, tasks }: Size, seed: number, endMs: number): Model {
  const heavyTasks = Math.min(MAX_HEAVY_TASKS, Math.floor(tasks / 20))
  const stepMs = Math.floor(HISTORY_MS / tasks)
  const stride = Math.floor(tasks / heavyTasks)
  return { users, tasks, seed, heavyTasks: Math.floor(tasks / stride), stride, stepMs, baseMs: endMs - tasks * stepMs }
}

/** A pseudo-random number from 0 to PRIME - 1. Different uses have different salts. */
export function mix(x: number, salt: number): number {
  const a = ((x + salt * 7919) * 48_271) % PRIME
  return ((a ^ (a >> 15)) * 69_621) % PRIME
}

/**
 * Returns the owner of a task: the square of a uniform number, so that the n-th busiest user has a number of tasks in
 * inverse proportion to the square root of n. A few users have thousands of tasks, most have a few dozen.
 */
export function userOf({ users, stride, seed }: Model, task: number): number {
  if (task % stride === 0) return HEAVY_USER
  const u = mix(task, seed) / PRIME
  return HEAVY_USER + 1 + Math.floor(u * u * (users - 1))
}

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0')

export function userId(user: number): string {
  return `${hex(mix(user, 7), 8)}-0000-4000-8000-${hex(user, 12)}`
}

/** The id of one of a user's lists, which are numbered from 1 to LISTS_PER_USER. */
export function listId(user: number, list: number): string {
  const n = user * 8 + list
  return `${hex(mix(n, 5), 8)}-0000-4000-9000-${hex(n, 12)}`
}

/** A version 7 UUID of the creation time of the task. */
export function taskId(model: Model, task: number): string {
  const ms = hex(createdMs(model, task), 12)
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7${hex(mix(task, 11) & 4095, 3)}-8000-${hex(task, 12)}`
}

export function createdMs({ baseMs, stepMs }: Model, task: number): number {
  return baseMs + task * stepMs
}

export function inTrash({ stride }: Model, task: number): boolean {
  return task % stride !== 0 && mix(task, 31) % 50 === 0
}

/** The token of the user's session; the database has its SHA-256. */
export function tokenOf(user: number): string {
  return `benchSession${hex(mix(user, 37), 8)}${hex(user, 12)}`
}

const VERBS =
  'answer arrange buy call check clean collect draft email file finish fix order pay plan prepare print review send write'.split(
    ' ',
  )
const NOUNS =
  'account agenda answer apartment article audit banner basket battery bicycle birthday board book bottle bread bridge budget cable calendar camera carpet ceiling chair charger chart clinic coat coffee contract course curtain deck delivery deposit desk dinner door drawing engine essay fence filter flight flowers folder form freezer garage garden gift glasses grant guide heater insurance invoice jacket journal kettle kennel kitchen ladder lamp laundry lease letter library licence lunch manual medicine meeting menu milk mirror monitor mortgage novel oven package paint passport pension permit phone photo piano picture poster printer proposal quote radio receipt recipe rent report ring'.split(
    ' ',
  )
export const TAGS =
  'home work errands family health money travel school garden car urgent later someday waiting phone email reading shopping music team'.split(
    ' ',
  )

/** The writing systems of titles. The first user has titles in all three, the others only in the first. */
export const SCRIPTS = ['latin', 'cyrillic', 'chinese'] as const
export type Script = (typeof SCRIPTS)[number]

/**
 * Titles consist of a verb, a noun and the task's number. No word occurs in the middle of another, so that
 * prefix search and substring search find the same tasks.
 */
export const WORDS: Record<Script, { verbs: readonly string[]; nouns: readonly string[]; between: string }> = {
  latin: { verbs: VERBS, nouns: NOUNS, between: ' ' },
  cyrillic: {
    verbs: 'купить позвонить написать проверить оплатить заказать забрать починить убрать отправить'.split(' '),
    nouns:
      'молоко хлеб письмо отчёт билет договор счёт ключ книга лампа окно врач гараж подарок паспорт сумка стул экран шкаф чайник'.split(
        ' ',
      ),
    between: ' ',
  },
  chinese: {
    verbs: '购买 检查 打印 修理 预订 整理 准备 支付 寄送 联系'.split(' '),
    nouns: '牛奶 面包 信件 报告 车票 合同 发票 钥匙 书籍 台灯 窗户 医生 车库 礼物 护照 背包 椅子 屏幕 衣柜 茶壶'.split(
      ' ',
    ),
    between: '',
  },
}

/** Searches in one writing system: a verb (many matches), a noun (fewer), and both (few). */
export function searchesIn(script: Script): string[][] {
  const { verbs, nouns } = WORDS[script]
  return verbs.flatMap((verb, n) => {
    const noun = nouns[(7 * n) % nouns.length] ?? ''
    return [[verb], [noun], [verb, noun]]
  })
}
