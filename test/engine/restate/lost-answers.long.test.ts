import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { giveUpTurnOf } from '../../../src/engine/restate/admin/give-up.ts'
import { createClient } from '../../../src/engine/restate/client/client.ts'
import { restateEngine } from '../../../src/engine/restate/engine.ts'
import { gate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/until.ts'
import { actor, ref } from '../../../trials/conformance/actors.ts'
import { describeOnRestate, useRestate } from './server.ts'

type Meant = (request: IncomingMessage) => boolean

/** A way to a server on which the first answer to some requests is lost: the server has done what it was asked. */
async function losing(url: string, isMeant: Meant): Promise<string> {
  const lost = new Set<unknown>()
  const proxy = createServer(async (request, response) => {
    const { method = 'GET', headers } = request
    const body = await buffer(request)
    const sent = { method, headers: headers as Record<string, string>, ...(body.length > 0 && { body }) }
    const answer = await fetch(`${url}${request.url}`, sent)
    const text = await answer.arrayBuffer()
    if (lost.has(request.url) || !isMeant(request)) return response.writeHead(answer.status).end(Buffer.from(text))
    lost.add(request.url)
    response.destroy()
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(() => void proxy.close())
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
}

describeOnRestate('a server whose answer is lost', () => {
  const server = useRestate()

  it('cancelled mail that waited: its caller gets an error', async () => {
    const { ingress, admin } = server.now()
    const hold = gate()
    const worker = actor('worker', 0, async (count, _message, effects) => {
      await effects.run('hold', ({ signal }) => hold.pass(signal))
      return { state: count + 1, reply: count + 1 }
    })
    const lossy = await losing(admin, ({ url, method }) => method === 'PATCH' && url!.endsWith('/cancel'))
    const engine = restateEngine({ ingress, admin: lossy, namespace: 'lost-cancel', actors: [worker] })
    onTestFinished(() => engine.stop({ grace: 0 }))
    await engine.start()
    const first = engine.ask(ref('worker'), null)
    await hold.started
    const second = expect(engine.ask(ref('worker'), null, { id: 'x' })).rejects.toMatchObject({ code: 'cancelled' })
    await until(async () => (await engine.view.inspect(ref('worker')))[0]?.waiting === 1)
    await engine.cancel(ref('worker'), 'x', 'enough')
    await second
    hold.release()
    expect(await first).toBe(1)
  })

  it('dropped a dead letter: it is dropped, and sent again it is sent', async () => {
    const { ingress, admin } = server.now()
    let isWell = false
    const worker = actor('worker', 0, (count) => {
      if (!isWell) throw new Error('not well')
      return { state: count + 1 }
    })
    const lossy = await losing(ingress, ({ url }) => url!.endsWith('/drop'))
    const engine = restateEngine({ ingress: lossy, admin, namespace: 'lost-drop', actors: [worker] })
    onTestFinished(() => engine.stop({ grace: 0 }))
    await engine.start()
    for (const id of ['a', 'b']) await engine.tell(ref('worker'), null, { id })
    await until(async () => (await engine.deadLetters.list()).length === 2)
    isWell = true
    await engine.deadLetters.retry('a')
    await engine.deadLetters.drop('b')
    await until(async () => (await engine.view.peek(ref('worker'))) === 1)
    await expect(engine.deadLetters.drop('b')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('gave up a turn: it is given up', async () => {
    const { ingress, admin } = server.now()
    const hold = gate()
    const worker = actor('worker', 0, async (count, _message, effects) => {
      await effects.run('hold', ({ signal }) => hold.pass(signal))
      return { state: count + 1, reply: count + 1 }
    })
    const place = { ingress, admin, namespace: 'lost-give-up', actors: [worker] }
    const gone = restateEngine({ ...place, release: 'gone' })
    await gone.start()
    await gone.tell(ref('worker'), null, { id: 'x' })
    await hold.started
    await gone.stop({ grace: 0 })
    const engine = restateEngine({ ...place, release: 'newest' })
    onTestFinished(() => engine.stop({ grace: 0 }))
    await engine.start()
    const lossy = await losing(ingress, ({ url }) => url!.endsWith('/giveUp'))
    await giveUpTurnOf(createClient({ ingress: lossy, admin }), 'lost-give-up', ref('worker'))
    await until(async () => (await engine.deadLetters.list())[0]?.problem.code === 'given_up')
  })
})
