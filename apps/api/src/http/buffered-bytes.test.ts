import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createBufferedBytes } from './buffered-bytes.ts'

const newResponse = (): ServerResponse => new ServerResponse(new IncomingMessage(new Socket()))
const overloaded = expect.objectContaining({ appCode: 'OVERLOADED' })

test('a caller may buffer as many bytes as are free', () => {
  const buffered = createBufferedBytes({ most: 100 })
  const [a, b] = ['a', 'b'].map((key) => buffered.track(newResponse(), () => key))
  a?.add(50)
  a?.requireRoom()
  a?.add(1)
  expect(() => a?.requireRoom()).toThrow(overloaded)
  b?.requireRoom()
})

test('a caller without buffered bytes has room, however much others buffer', () => {
  const buffered = createBufferedBytes({ most: 100 })
  for (const key of ['a', 'b', 'c', 'd']) buffered.track(newResponse(), () => key).add(50)
  expect(() => buffered.track(newResponse(), () => 'a').requireRoom()).toThrow(overloaded)
  buffered.track(newResponse(), () => 'e').requireRoom()
})

test('bytes that are disposed of no longer count, for the caller or the response', () => {
  const buffered = createBufferedBytes({ most: 100, mostOfOne: 10 })
  const buffer = buffered.track(newResponse(), () => 'a')
  const page = buffer.add(60)
  page[Symbol.dispose]()
  page[Symbol.dispose]()
  expect(buffered.bytes).toBe(0)
  buffer.requireRoom()
})

test('one response has a limit of its own, which does not affect others', () => {
  const buffered = createBufferedBytes({ most: 100, mostOfOne: 10 })
  const [one, other] = [1, 2].map(() => buffered.track(newResponse(), () => 'a'))
  one?.add(10)
  expect(() => one?.requireRoom()).toThrow(overloaded)
  other?.requireRoom()
})

test('the bytes of a closed response no longer count, and bytes added to it later are not counted', () => {
  const buffered = createBufferedBytes({ most: 100 })
  const response = newResponse()
  let key = 'unverified'
  const buffer = buffered.track(response, () => key)
  buffer.add(40)
  key = 'a'
  buffer.add(30)
  buffered.track(newResponse(), () => 'a').add(20)
  expect(buffered.bytes).toBe(90)
  response.destroy()
  response.emit('close')
  buffer.add(40)
  expect(buffered.bytes).toBe(20)
})
