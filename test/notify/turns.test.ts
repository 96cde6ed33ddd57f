import { expect, test } from 'vitest'
import { until } from '../../src/testing/index.ts'
import { gate, openDesk } from './desk.ts'
import { officeClock, receiverAt } from './office.ts'
import { type Answer, openReceiver } from './receiver.ts'

const questions = (owner: string, count: number) =>
  Array.from({ length: count }, (_, at) => gate(`${owner}-${String(at).padStart(3, '0')}`, { owner }))
const settled = () => new Promise((resolve) => setTimeout(resolve, 20))

/** A desk whose receiver answers when the test says so. */
async function openSlowDesk(clock = officeClock()) {
  const open: (() => void)[] = []
  const answer: Answer = (response) => void open.push(() => response.writeHead(204).end())
  const { received, url } = await openReceiver([answer], clock)
  const desk = openDesk(clock, [receiverAt(url, { events: ['approval'] }) as never])
  const pass = async (isTrue: () => boolean | Promise<boolean>) => {
    for (let left = 400; left > 0; left--) {
      if (await isTrue()) return
      await clock.advance(1000)
      await settled()
    }
    throw new Error(`it never came: ${isTrue}`)
  }
  return { ...desk, received, clock, pass, answerOne: () => open.shift()!() }
}

test('a burst of one owner leaves places and turns to the others', async () => {
  const { inbox, begin, received, pass, engine, answerOne } = await openSlowDesk()
  const owners = () => received.map(({ body }) => body.data.owner)
  inbox.push(...questions('ann', 60), ...questions('bob', 1))
  await begin()
  await pass(() => received.length === 4)
  expect(owners().filter((owner) => owner === 'bob').length).toBe(1)
  inbox.push(...questions('eve', 2))
  await pass(async () => (await engine.view.list('notice')).length === 63)
  expect(received.length).toBe(4)
  answerOne()
  await pass(() => received.length === 5)
  answerOne()
  await pass(() => received.length === 6)
  expect(owners().slice(4)).toContain('eve')
})

test('only reading makes the next look wait, and for 5 s at most', async () => {
  let elapsed = 0
  let looks = 0
  let readFor = 0
  const clock = { ...officeClock(), elapsed: () => elapsed }
  const { received, url } = await openReceiver([204], clock)
  const { inbox, begin, engine, house } = openDesk(clock, [receiverAt(url, { events: ['approval'] }) as never])
  const { inbox: read } = house
  house.inbox = (query) => {
    if (!query.run) looks++
    elapsed += readFor
    return read(query)
  }
  const { ask } = engine
  Object.assign(engine, {
    ask: (...about: Parameters<typeof ask>) => {
      elapsed += 60_000
      return ask(...about)
    },
  })
  const looksAfter = async (seconds: number) => {
    const before = looks
    for (let second = 0; second < seconds; second++) {
      await clock.advance(1000)
      await settled()
    }
    return looks - before
  }
  inbox.push(...questions('ann', 3))
  await begin()
  await until(() => received.length === 3)
  looks = 0
  // announcing took three minutes
  expect(await looksAfter(1)).toBe(1)
  readFor = 60_000
  expect(await looksAfter(1)).toBe(1)
  expect(await looksAfter(4)).toBe(0)
  expect(await looksAfter(1)).toBe(1)
  expect(received.length).toBe(3)
})
