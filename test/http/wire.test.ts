import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { expect, it, onTestFinished } from 'vitest'
import { DEFAULT_SERVE } from '../../src/config/serve.ts'
import { createApp } from '../../src/http/server/app.ts'
import { serve } from '../../src/http/server/serve.ts'
import { createObserver } from '../../src/observe/create-observer.ts'
import type { Observer } from '../../src/observe/observer.ts'
import { openApp } from './bench.ts'

/** An app on loopback, asked byte by byte as a foreign client may. */
async function openWire(observer?: Observer) {
  const { runtime: fake, file } = openApp()
  const runtime = { ...fake, ...(observer && { observer }) }
  const app = createApp(runtime, { serve: { ...DEFAULT_SERVE, maxBody: 2000 } })
  const served = await serve(app, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => served.close())
  const ask = (
    method: string,
    path: string,
    chunks: readonly (string | Buffer)[] = [],
    headers: Record<string, string> = {},
  ) =>
    new Promise<{ status: number; allow: string | undefined; answer: unknown }>((resolve, reject) => {
      const sent = request(
        { port: served.port, method, path, headers: { connection: 'close', ...headers } },
        (came) => {
          const { statusCode: status = 0, headers } = came
          const read = (body: string) => ({
            status,
            allow: headers.allow,
            answer: body === '' ? null : JSON.parse(body),
          })
          text(came).then((body) => resolve(read(body)), reject)
        },
      )
      sent.on('error', reject)
      for (const chunk of chunks) sent.write(chunk)
      sent.end()
    })
  return { ask, file, runtime, port: served.port }
}

const CHUNKED = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }

it.each([
  ['DELETE', '/v1/runs', 405],
  ['PATCH', '/v1/runs/x', 405],
  ['POST', '/v1/nothing', 404],
  ['POST', '/v1/runs/none/resume', 404],
  ['POST', '/v1/runs/none/cancel', 404],
  ['POST', '/v1/runs', 400],
  ['OPTIONS', '/v1/runs', 204],
  ['HEAD', '/v1/runs', 200],
])('answers %s %s without a body and without its length: %i', async (method, path, status) => {
  const { ask } = await openWire()
  const answered = await ask(method, path)
  expect(answered).toMatchObject({ status })
  if (status === 405) expect(answered.allow).toContain('GET')
})

it('reads a body that comes in pieces, up to the limit', async () => {
  const { ask, file } = await openWire()
  const body = JSON.stringify({ file: file(['one']), inputs: { word: 'ä'.repeat(10) } })
  const bytes = [body.slice(0, 10), body.slice(10)]
  expect(await ask('POST', '/v1/runs', bytes, CHUNKED)).toMatchObject({ status: 202 })
  const large = Array.from({ length: 30 }, () => ' '.repeat(100))
  expect(await ask('POST', '/v1/runs', large, CHUNKED)).toMatchObject({ status: 413, answer: { code: 'too_large' } })
  const said = { 'content-type': 'application/json', 'content-length': '3000' }
  expect(await ask('POST', '/v1/runs', large, said)).toMatchObject({ status: 413, answer: { code: 'too_large' } })
})

const LATIN1 = Buffer.from('{"name":"Stra\xdfe"}', 'latin1')
const PACKED = gzipSync('{"name":"x","value":1}')
const UTF8 = Buffer.from('\ufeff{"name":"Straße","value":1}')

it.each([
  ['in one piece', (bytes: Buffer) => ({ 'content-length': String(bytes.length) })],
  ['in pieces', () => ({ 'transfer-encoding': 'chunked' })],
])('a body that comes %s is read as it was meant, or not at all', async (_, framing) => {
  const { ask, runtime } = await openWire()
  const heard: unknown[] = []
  runtime.runs.signal = async (...said) => {
    heard.push(said.slice(0, 3))
    return { status: 'kept' }
  }
  runtime.serving.ownerOfRun = async () => 'local'
  const send = (bytes: Buffer, more = {}) =>
    ask('POST', '/v1/runs/r/signal', [bytes], { 'content-type': 'application/json', ...framing(bytes), ...more })
  expect(await send(LATIN1)).toMatchObject({ status: 400, answer: { detail: 'The body is not valid UTF-8.' } })
  const refused = {
    status: 415,
    answer: { code: 'unsupported_type', detail: 'The body has the content-encoding gzip.' },
  }
  expect(await send(PACKED, { 'content-encoding': 'gzip' })).toMatchObject(refused)
  expect(heard).toEqual([])
  expect(await send(UTF8, { 'content-encoding': 'Identity' })).toMatchObject({ status: 200 })
  expect(heard).toEqual([['r', 'Straße', 1]])
})

it.each([
  ['whose length was said', 'content-length: 200'],
  ['that comes in pieces', 'transfer-encoding: chunked'],
])('the server is not to blame for a body that %s and breaks off', async (_, header) => {
  const answered = Promise.withResolvers<number | undefined>()
  const { port } = await openWire(
    createObserver([{ ended: (_deed, { status }) => answered.resolve(status), tell: () => {} }]),
  )
  const socket = connect(port, '127.0.0.1')
  socket.on('data', () => socket.destroy())
  const head = [
    'POST /v1/runs HTTP/1.1',
    'host: localhost',
    'content-type: application/json',
    'expect: 100-continue',
    header,
  ]
  // who is told to go on has been let in
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  expect(await answered.promise).toBe(400)
})

it('answers a request without a host, as HTTP/1.0 allows', async () => {
  const { port } = await openWire()
  const socket = connect(port, '127.0.0.1')
  socket.end('GET /v1/health HTTP/1.0\r\n\r\n')
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\{"status":"ok","role":"owner"\}$/s)
})

it.each([
  ['a host that is none', 'GET /v1/health HTTP/1.1', 'host: a b'],
  ['a host with a path', 'GET /v1/health HTTP/1.1', 'host: a/b'],
  ['a host with a user', 'POST /v1/runs HTTP/1.1', 'host: ann@a'],
  ['a port that is none', 'GET /v1/health HTTP/1.1', 'host: a:99999'],
  ['no path', 'OPTIONS * HTTP/1.1', 'host: a'],
  ['a path with a backslash', 'GET /v1\\health HTTP/1.1', 'host: a'],
])('says of %s what is wrong as of anything else', async (_, line, host) => {
  const { port } = await openWire()
  const socket = connect(port, '127.0.0.1')
  socket.end(`${line}\r\n${host}\r\nconnection: close\r\n\r\n`)
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n(?:.*\r\n)*content-type: application\/problem\+json/i)
  expect(head).toMatch(/\r\nx-request-id: \S{36}\r\n/i)
  expect(JSON.parse(body)).toMatchObject({ status: 400, code: 'invalid_input', hint: expect.stringContaining('host') })
})
