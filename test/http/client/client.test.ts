import { expect, it, onTestFinished, vi } from 'vitest'
import { createClient } from '../../../src/client.ts'
import { DEFAULT_SERVE } from '../../../src/config/serve.ts'
import { TerminalError } from '../../../src/errors.ts'
import type { FollowedEvent } from '../../../src/house/describe.ts'
import { reconnecting } from '../../../src/http/client/event-stream.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { serve } from '../../../src/http/server/serve.ts'
import { until } from '../../../src/testing/index.ts'
import { collect, openApp } from '../bench.ts'

const KEY = 'ak_one'

/** A server on loopback that one key opens; it may be closed and opened again on the same port. */
async function openServer() {
  const { runtime, file, folder } = openApp()
  const app = createApp(runtime, {
    serve: DEFAULT_SERVE,
    identify({ headers }) {
      if (headers.get('authorization') === `Bearer ${KEY}`) return { owner: 'local', scopes: ['admin'], local: true }
      throw new TerminalError('This is no key.', { code: 'unauthenticated' })
    },
  })
  const open = (port = 0) => serve(app, { host: '127.0.0.1', port })
  let served = await open()
  onTestFinished(() => served.close())
  const url = `http://127.0.0.1:${served.port}`
  return {
    ...{ url, file, folder, runtime },
    close: () => served.close(),
    reopen: async () => void (served = await open(served.port)),
  }
}

const numbers = (happenings: readonly FollowedEvent[]) => happenings.flatMap(({ n }) => n ?? [])

it('asks a server with its key, and throws what the server threw', async () => {
  const { url, file } = await openServer()
  const client = createClient({ url: `${url}/`, key: KEY })
  const { id } = await client.runs.start({ file: file(['one']) })
  expect(numbers(await collect(client.runs.events(id)))).toEqual([1, 2, 3, 4])
  expect(await client.runs.get(id)).toMatchObject({ status: 'completed' })
  expect(await collect(client.each('runs'))).toMatchObject([{ id }])
  await expect(client.runs.get('none')).rejects.toMatchObject({ name: 'NotFoundError', code: 'not_found' })
  await expect(createClient({ url }).runs.list()).rejects.toMatchObject({ code: 'unauthenticated' })
})

it.each(['', '.', '..'])('refuses %j, which an address takes for something else', async (name) => {
  const { url } = await openServer()
  const client = createClient({ url, key: KEY })
  const refused = { name: 'InvalidError', message: `${JSON.stringify(name)} cannot be used in an address.` }
  await expect(client.runs.get(name)).rejects.toMatchObject(refused)
  await expect(client.threads.cancelAsk(name, 'ask_1', 'no more')).rejects.toMatchObject(refused)
  await expect(collect(client.runs.events(name))).rejects.toMatchObject(refused)
})

it('says that a server is not there', async () => {
  const { url, close } = await openServer()
  await close()
  await expect(createClient({ url }).runs.list()).rejects.toMatchObject({ name: 'RetryableError', code: 'unreachable' })
})

it.each([
  'localhost:8080',
  'http://',
  '',
  '/',
  'file:///secret',
  'http://127.0.0.1:99999',
  'https://ann:secret@antiphon.example',
])('says of %s that it is not an address, and not what stands in it', (url) => {
  expect(() => createClient({ url })).toThrow(/Expected the address of a server\./)
})

it.each(['ak_secret\nmore', 'ak secret', 'schlüssel', '☃'])(
  'says of %j that it is not a key, and not what it is',
  (key) => {
    expect(() => createClient({ url: 'http://127.0.0.1', key })).toThrow(/Expected an API key\./)
  },
)

it('takes an address with what a browser or a file leaves behind it, in a page its own', async () => {
  const { url, file } = await openServer()
  const client = createClient({ url: `${url}//?from=mail#top`, key: `${KEY}\n` })
  const { id } = await client.runs.start({ file: file(['one']) })
  expect(await client.runs.get(id)).toMatchObject({ name: 'pipeline' })
  vi.stubGlobal('location', { origin: url })
  onTestFinished(() => void vi.unstubAllGlobals())
  for (const near of ['', '/']) expect(await createClient({ url: near, key: KEY }).runs.list()).toMatchObject([{ id }])
})

it.each<[what: string, status: number, type: string, code: string, message: RegExp]>([
  ['a page', 200, 'text/html', 'no_server', /^No antiphon server answers at http.*: .* with status 200/],
  ['nothing there', 404, 'text/html', 'no_server', /with status 404/],
  ['JSON of another', 404, 'application/json', 'no_server', /with status 404/],
  ['events of another', 200, 'text/event-stream', 'no_server', /Expected an event stream of antiphon|with status 200/],
  ['a proxy alone', 502, 'text/html', 'unreachable', /with status 502/],
])('says of %s that it is not antiphon', async (_, status, type, code, message) => {
  const fetch = async () => new Response('data: <html>\n\n', { status, headers: { 'content-type': type } })
  const client = createClient({ url: 'http://elsewhere.example', fetch, patience: 0 })
  const refusal = { code, message: expect.stringMatching(message) }
  await expect(client.runs.list()).rejects.toMatchObject(refusal)
  await expect(collect(client.runs.events('run_1'))).rejects.toMatchObject(refusal)
})

it('reads on when the server went and came back: every durable event once, in order', async () => {
  const { url, file, folder, close, reopen } = await openServer()
  const client = createClient({ url, key: KEY })
  const { id } = await client.runs.start({ file: file([`one wait ${folder}/go`, 'two', `three wait ${folder}/on`]) })
  const seen: FollowedEvent[] = []
  const following = (async () => {
    for await (const happening of client.runs.events(id)) seen.push(happening)
  })()
  await until(() => numbers(seen).length === 2)
  await close()
  file([''], 'go')
  await reopen()
  await until(() => numbers(seen).length === 6)
  await close()
  file([''], 'on')
  await reopen()
  await following
  expect(numbers(seen)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
})

/** A source that tells some events each time it is opened, and then breaks, or ends. */
function source(...times: readonly (readonly (FollowedEvent | Error)[])[]) {
  const opened: (number | undefined)[] = []
  const open = async function* ({ after }: { readonly after?: number }): AsyncGenerator<FollowedEvent> {
    opened.push(after)
    for (const next of times[opened.length - 1] ?? []) {
      if (next instanceof Error) throw next
      yield next
    }
  }
  return { opened, open }
}
const event = (n: number, type = 'step-end'): FollowedEvent => ({ n, body: { type } })
const broken = () => Object.assign(new TerminalError('gone', { code: 'owner_gone' }))
const AT_ONCE = { patience: 1_000, pause: 0 }

it('takes an end without the last event for a lost connection', async () => {
  const { opened, open } = source([event(1), { body: 'delta' }], [broken()], [event(2), event(3, 'run-end')])
  expect(numbers(await collect(reconnecting(open, {}, 'run-end', AT_ONCE)))).toEqual([1, 2, 3])
  expect(opened).toEqual([undefined, 1, 1])
})

it('takes an end for the end where there is no last event', async () => {
  const { opened, open } = source([event(5)], [event(6)])
  expect(numbers(await collect(reconnecting(open, { after: 4 }, undefined, AT_ONCE)))).toEqual([5])
  expect(opened).toEqual([4])
})

it('takes the word of the server for the end, whatever the last event was', async () => {
  const opened: (number | undefined)[] = []
  const open = async function* (
    { after }: { readonly after?: number },
    over: () => void,
  ): AsyncGenerator<FollowedEvent> {
    opened.push(after)
    if (opened.length === 1) yield event(7)
    else over()
  }
  expect(numbers(await collect(reconnecting(open, { after: 6 }, 'run-end', AT_ONCE)))).toEqual([7])
  expect(opened).toEqual([6, 7])
})

it('has an end for who has the last event of a run already', async () => {
  const { url, file } = await openServer()
  const client = createClient({ url, key: KEY })
  const { id } = await client.runs.start({ file: file(['one']) })
  const all = numbers(await collect(client.runs.events(id)))
  expect(await collect(client.runs.events(id, { after: all.at(-1)! }))).toEqual([])
})

it('gives up what no further try will mend, and what takes too long', async () => {
  const gone = source([event(1), new TerminalError('none', { code: 'not_found' })])
  await expect(collect(reconnecting(gone.open, {}, 'run-end', AT_ONCE))).rejects.toMatchObject({ code: 'not_found' })
  const lost = source([event(1), broken()], [broken()], [broken()], [broken()])
  const short = { patience: 0, pause: 1 }
  await expect(collect(reconnecting(lost.open, {}, 'run-end', short))).rejects.toMatchObject({ code: 'owner_gone' })
  expect(lost.opened).toEqual([undefined, 1])
})

it('has its whole patience again for each connection that is lost, though nothing happened meanwhile', async () => {
  let connections = 0
  const open = async function* (_from: unknown, _over: unknown, opened: () => void): AsyncGenerator<FollowedEvent> {
    if (++connections === 5) return yield event(1, 'run-end')
    // every other try comes to a connection, which is lost after a while
    if (connections % 2 === 1) opened()
    throw broken()
  }
  const impatient = { patience: 0, pause: 1 }
  await expect(collect(reconnecting(open, {}, 'run-end', impatient))).rejects.toMatchObject({ code: 'owner_gone' })
  expect(connections).toBe(2)
  connections = 0
  const steady: typeof open = async function* (_from, _over, opened) {
    opened()
    if (++connections === 4) return yield event(1, 'run-end')
    throw broken()
  }
  expect(numbers(await collect(reconnecting(steady, {}, 'run-end', impatient)))).toEqual([1])
})

it('is left at once by the signal', async () => {
  const leaving = new AbortController()
  const { opened, open } = source([event(1), broken()])
  const seen: FollowedEvent[] = []
  const patient = { patience: 60_000, pause: 60_000 }
  for await (const happening of reconnecting(open, { signal: leaving.signal }, 'run-end', patient)) {
    seen.push(happening)
    setImmediate(() => leaving.abort())
  }
  expect([numbers(seen), opened.length]).toEqual([[1], 1])
})
