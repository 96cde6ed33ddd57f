import { expect, test } from 'vitest'
import { until } from '../../src/testing/index.ts'
import { gate, openDesk } from './desk.ts'
import { officeClock, PUBLIC, receiverAt } from './office.ts'
import { type Answer, openReceiver } from './receiver.ts'

const HOUR = 3_600_000
const close: Answer = (response) => response.socket!.destroy()
const redirect: Answer = (response) => response.writeHead(307, { location: 'https://other.example.com/' }).end()
const slow: Answer = (response) => void setTimeout(() => response.writeHead(200).end(), 30)

test('an approval is announced with ids and names, without content, and with a link', async () => {
  const clock = officeClock()
  const { received, url } = await openReceiver([204], clock)
  const { inbox, begin, engine } = openDesk(clock, [receiverAt(url)])
  await begin()
  inbox.push(gate('letter', { until: clock.now() + HOUR }))
  // a busy machine looks at the inbox only after the clock was moved
  await until(async () => {
    await clock.advance(1000)
    return received.length > 0
  })
  const { id, body } = received[0]!
  const { link, since, ...data } = body.data
  expect(body).toMatchObject({ type: 'approval', timestamp: '2026-03-01T12:00:00.000Z' })
  expect(data).toEqual({
    id: id.slice('msg_'.length),
    kind: 'approval',
    owner: 'local',
    run: 'letter',
    step: 'ok',
    signal: 'ok',
    until: '2026-03-01T13:00:00.000Z',
  })
  expect(link).toEqual({ url: expect.any(String), expires: data.until })
  expect(link.url.startsWith(`${PUBLIC}v1/links/lk_`)).toBe(true)

  // neither the secret of the link nor the address of the receiver is stored
  await until(async () => (await engine.view.list('notice', { where: { status: 'delivered' } })).length > 0)
  const kept = await engine.view.inspect()
  expect(kept.map(({ of }) => of.kind)).toEqual(expect.arrayContaining(['link', 'notice']))
  const states = await Promise.all(kept.map(({ of }) => engine.view.peek(of)))
  expect(JSON.stringify([kept, states])).not.toMatch(new RegExp(`path-secret|${link.url.slice(-43)}`))
})

test('a receiver that fails gets the same message and the same link until it takes it', async () => {
  const clock = officeClock()
  const { received, url } = await openReceiver([500, close, redirect, 404, slow], clock)
  const { begin, inbox, port } = openDesk(clock, [receiverAt(url)])
  await begin()
  inbox.push(gate('letter'))
  const problems: (string | undefined)[] = []
  for (const delay of [2_000, 5_000, 30_000, 120_000]) {
    await clock.advance(delay)
    const attempts = problems.length + 1
    const [notice] = await until(async () => {
      const listed = await port.list()
      return listed[0]?.attempts === attempts && listed[0].problem && listed
    })
    problems.push(notice!.problem?.code)
  }
  expect(problems).toEqual(['notice_refused', 'web_failed', 'redirect_refused', 'notice_refused'])
  await clock.advance(600_000)
  await until(async () => (await port.list()).length === 0)
  expect(received.length).toBe(5)
  expect(new Set(received.map(({ id }) => id)).size).toBe(1)
  expect(new Set(received.map(({ body }) => body.data.link.url)).size).toBe(1)
})

test('a notice whose question was answered meanwhile is not sent', async () => {
  const clock = officeClock()
  const { received, url } = await openReceiver([500], clock)
  const { inbox, begin, engine, port } = openDesk(clock, [receiverAt(url)])
  await begin()
  inbox.push(gate('letter'), gate('other'))
  await clock.advance(2_000)
  await until(async () => (await port.list()).every(({ problem }) => problem) && received.length === 2)
  inbox.shift()
  await clock.advance(4_000)
  await until(async () => (await engine.view.list('notice')).length === 1)
  await clock.advance(5_000)
  await until(() => received.length === 3)
  expect(received[2]!.body.data.run).toBe('other')
})

test('a message has the content only where its receiver includes it', async () => {
  const clock = officeClock()
  const { received, url } = await openReceiver([204], clock)
  const { inbox, begin } = openDesk(clock, [receiverAt(url, { include: 'content' })])
  await begin()
  inbox.push(gate('letter'))
  await until(async () => {
    await clock.advance(1000)
    return received.length > 0
  })
  expect(received[0]!.body.data).toMatchObject({ title: 'Send the secret letter?', content: { to: 'the king' } })
})

test('a private address is refused unless the receiver allows it', async () => {
  const { received, port } = await openReceiver()
  const { url, secret } = { url: `https://localhost:${port}/`, secret: 'secret://hooks' }
  expect(await openDesk(officeClock(), [{ url, secret }]).port.test()).toMatchObject([
    { ok: false, receiver: `https://localhost:${port}`, problem: { code: 'address_refused' } },
  ])
  expect(received).toEqual([])
})

test('a redirect is followed to a host that the receiver allows, on its port', async () => {
  const clock = officeClock()
  const second = await openReceiver([204], clock)
  const away: Answer = (response) => response.writeHead(308, { location: second.url }).end()
  const first = await openReceiver([away], clock)
  expect(await openDesk(clock, [receiverAt(first.url)]).port.test()).toMatchObject([
    { ok: false, problem: { code: 'address_refused' } },
  ])
  const own: Answer = (response) => response.writeHead(308, { location: '/moved' }).end()
  const third = await openReceiver([own, 204], clock)
  expect(await openDesk(clock, [receiverAt(third.url)]).port.test()).toMatchObject([{ ok: true, status: 204 }])
  expect(third.received.map(({ body }) => body.type)).toEqual(['test', 'test'])
  const become: Answer = (response) => response.writeHead(302, { location: '/moved' }).end()
  const fourth = await openReceiver([become], clock)
  expect(await openDesk(clock, [receiverAt(fourth.url)]).port.test()).toMatchObject([
    { ok: false, problem: { code: 'redirect_refused' } },
  ])
})

test.each([null, 'whsec_short', 'no-prefix-no-prefix-no-prefix-no-prefix'])(
  'the secret %s is refused',
  async (secret) => {
    const { received, url } = await openReceiver()
    const { port } = openDesk(officeClock(), [receiverAt(url)], secret)
    const [trial] = await port.test()
    expect(trial).toMatchObject({
      ok: false,
      problem: { code: 'notice_secret', hint: expect.stringContaining('keys set') },
    })
    expect(received).toEqual([])
  },
)
