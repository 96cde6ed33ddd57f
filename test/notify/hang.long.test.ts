import { expect, test } from 'vitest'
import { until } from '../../src/testing/index.ts'
import { gate, openDesk } from './desk.ts'
import { officeClock, receiverAt } from './office.ts'
import { openReceiver } from './receiver.ts'

test('a receiver that never answers is given up after ten seconds, and asked again', async () => {
  const clock = officeClock()
  const { received, url } = await openReceiver([() => {}, 204], clock)
  const { begin, inbox, port } = openDesk(clock, [receiverAt(url)])
  await begin()
  inbox.push(gate('letter'))
  await clock.advance(2_000)
  const [notice] = await until(async () => {
    const listed = await port.list()
    return listed[0]?.problem && listed
  })
  expect(notice).toMatchObject({ attempts: 1, problem: { code: 'timeout' } })
  await clock.advance(5_000)
  await until(async () => received.length === 2 && (await port.list()).length === 0)
})
