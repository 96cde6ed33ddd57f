import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { serve } from '../../../src/http/server/serve.ts'
import type { Filler, Outlet } from '../../../src/http/stream/event-sink.ts'
import { streamResponse, whileAllowed } from '../../../src/http/stream/response.ts'
import { simulatedClock } from '../../../src/testing/clock.ts'
import { until } from '../../../src/testing/until.ts'

/** A server whose answers are event streams that the test fills. */
async function open() {
  const clock = simulatedClock()
  const outlets: Outlet[] = []
  const told: string[] = []
  const filler: Filler = { ready: () => told.push('ready'), leave: () => told.push('leave') }
  const allowed = { all: true }
  const fetch = () =>
    whileAllowed(
      streamResponse((outlet) => {
        outlets.push(outlet)
        return filler
      }),
      async () => allowed.all,
    )
  const served = await serve({ fetch }, { host: '127.0.0.1', port: 0 }, clock)
  onTestFinished(() => served.close())
  return { clock, served, outlets, told, allowed, visit: () => visit(served.port) }
}

async function visit(port: number) {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let text = ''
  socket.setEncoding('utf8').on('data', (more: string) => (text += more))
  socket.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n')
  const client = {
    socket,
    text: () => text,
    gets: (wanted: string) => until(() => text.includes(wanted)),
    comments: () => text.split(': still there').length - 1,
  }
  await client.gets('retry: 1000')
  return client
}

const closing = (socket: Socket) => (socket.closed ? undefined : once(socket, 'close'))

it('says every 15 s that it is there', async () => {
  const { clock, visit } = await open()
  const clients = [await visit(), await visit()]
  for (let round = 1; round <= 3; round++) {
    await clock.advance(15_000)
    for (const { comments } of clients) await until(() => comments() === round)
  }
})

it('cuts off a reader whose rights ended', async () => {
  const { clock, served, told, allowed, visit } = await open()
  const { socket, gets } = await visit()
  await clock.advance(15_000)
  await gets(': still there')
  expect(served.streams()).toBe(1)
  allowed.all = false
  await clock.advance(15_000)
  await gets(': who reads this is let in no more')
  await closing(socket)
  expect([served.streams(), told]).toEqual([0, ['leave']])
})

it('uses one timer for all streams, and none without streams', async () => {
  const { clock, served, visit } = await open()
  expect(clock.next).toBe(undefined)
  const clients = [await visit(), await visit(), await visit()]
  expect(served.streams()).toBe(3)
  const { next } = clock
  await clock.advance(next! - clock.now())
  expect(clock.next).toBe(next! + 1_000)
  for (const { socket } of clients) socket.destroy()
  await until(() => served.streams() === 0)
  expect(clock.next).toBe(undefined)
})

it('a client that leaves frees its filler', async () => {
  const { told, visit } = await open()
  const { socket } = await visit()
  socket.destroy()
  await until(() => told.length > 0)
  expect(told).toEqual(['leave'])
})

it('lets the filler of a slow client wait, and cuts off one that takes nothing for half a minute', async () => {
  const { clock, served, outlets, told, visit } = await open()
  const [slow, dead] = [await visit(), await visit()]
  for (const { socket } of [slow, dead]) socket.pause()
  const large = `data: ${'x'.repeat(1_000_000)}\n\n`
  // more than the system takes for who does not read
  const taken = outlets.map((outlet) => Array.from({ length: 20 }, () => outlet.write(large)).at(-1))
  expect(taken).toEqual([false, false])
  await clock.advance(16_000)
  expect(told).toEqual([])
  slow.socket.resume()
  await until(() => told.includes('ready'))
  await clock.advance(45_000)
  await until(() => told.includes('leave'))
  expect(served.streams()).toBe(1)
  outlets[0]!.write('data: more\n\n')
  await slow.gets('data: more')
})

it('breaks streams off when it ends, with a comment and not as if they were complete', async () => {
  const { served, outlets, told, visit } = await open()
  const { socket, text } = await visit()
  outlets[0]!.write('id: 1\ndata: 1\n\n')
  const closed = closing(socket)
  await served.close()
  await closed
  expect(text()).toContain('id: 1\ndata: 1\n\n')
  expect(text()).toContain(': this process is about to end: come back, and read on\n\n')
  expect(text().endsWith('0\r\n\r\n')).toBe(false)
  expect(told).toEqual(['leave'])
})

it('ends a stream that has come to its end as complete', async () => {
  const { outlets, visit } = await open()
  const { gets } = await visit()
  outlets[0]!.end()
  await gets('0\r\n\r\n')
})
