import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createBufferedBytes } from './buffered-bytes.ts'

const answer = (): ServerResponse => new ServerResponse(new IncomingMessage(new Socket()))
const refused = expect.objectContaining({ appCode: 'OVERLOADED' })

test('one may have as much held as is free', () => {
  const held = createBufferedBytes({ most: 100 })
  const [a, b] = ['a', 'b'].map((key) => held.until(answer(), () => key))
  a?.add(50)
  a?.requireRoom()
  a?.add(1)
  expect(() => a?.requireRoom()).toThrow(refused)
  b?.requireRoom()
})

test('many leave room for another, who has nothing held yet', () => {
  const held = createBufferedBytes({ most: 100 })
  for (const key of ['a', 'b', 'c', 'd']) held.until(answer(), () => key).add(50)
  expect(() => held.until(answer(), () => 'a').requireRoom()).toThrow(refused)
  held.until(answer(), () => 'e').requireRoom()
})

test('what is let go is held no more, and counts for its answer no more', () => {
  const held = createBufferedBytes({ most: 100, mostOfOne: 10 })
  const holding = held.until(answer(), () => 'a')
  const page = holding.add(60)
  page[Symbol.dispose]()
  page[Symbol.dispose]()
  expect(held.bytes).toBe(0)
  holding.requireRoom()
})

test('one answer may not grow without end, and hinders no other', () => {
  const held = createBufferedBytes({ most: 100, mostOfOne: 10 })
  const [one, other] = [1, 2].map(() => held.until(answer(), () => 'a'))
  one?.add(10)
  expect(() => one?.requireRoom()).toThrow(refused)
  other?.requireRoom()
})

test('what has gone out is held no more, nor what is made for a connection that has ended', () => {
  const held = createBufferedBytes({ most: 100 })
  const gone = answer()
  let key = 'not known yet'
  const holding = held.until(gone, () => key)
  holding.add(40)
  key = 'a'
  holding.add(30)
  held.until(answer(), () => 'a').add(20)
  expect(held.bytes).toBe(90)
  gone.destroy()
  gone.emit('close')
  holding.add(40)
  expect(held.bytes).toBe(20)
})
