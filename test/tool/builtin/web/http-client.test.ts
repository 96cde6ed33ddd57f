import { readFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { httpTools } from '../../../../src/tool/builtin/web/http-client.ts'
import type { ResultNote } from '../../../../src/tool/tool.ts'
import { startServer } from '../../../web/server.ts'
import { call, contextAt, workFolder } from '../../context.ts'
import { services } from '../../services.ts'

const place = workFolder()
const tool = (verb: string) => httpTools.find(({ name }) => name === `http-client:${verb}`)!

async function open(answer: RequestListener) {
  const server = await startServer(answer)
  const context = contextAt(place.root, { services: services({ web: { allow: ['127.0.0.1'], ports: [server.port] } }) })
  return { ...server, send: (verb: string, input: object) => call(tool(verb), input, context) }
}

test('gets JSON as data and text as text', async () => {
  const { url, seen, send } = await open((request, response) => {
    if (request.url!.startsWith('/json'))
      response.setHeader('content-type', 'application/json').end('{"tides": [1, 2]}')
    else response.setHeader('content-type', 'text/plain; charset=latin1').end(Buffer.from('é', 'latin1'))
  })
  const params = { q: 'ebb & flow', page: [1, 2] }
  expect(await send('get', { url: `${url}/json?a=b`, params, headers: { 'X-One': 1 } })).toMatchObject({
    status_code: 200,
    ok: true,
    response: { tides: [1, 2] },
    size: 17,
    content_type: 'application/json',
  })
  expect(seen[0]).toMatchObject({
    method: 'GET',
    path: '/json?a=b&q=ebb+%26+flow&page=1&page=2',
    headers: { 'x-one': '1' },
  })
  expect(await send('get', { url })).toMatchObject({ response: 'é' })
})

const PAGE = (charset: string) => `<meta charset="${charset}"><p>\xfc`

test.each([
  ['text/plain', Buffer.from('M\xfcller', 'latin1'), 'Müller', 'windows-1252', 1],
  ['text/plain; charset=utf-8', Buffer.from('M\xfcller', 'latin1'), 'Müller', 'windows-1252', 1],
  ['text/plain; charset=windows-1252', Buffer.from('\x80', 'latin1'), '€', 'windows-1252', 0],
  ['text/plain; charset=nonsense', Buffer.from('ü'), 'ü', undefined, 0],
  ['text/html', Buffer.from(PAGE('iso-8859-2'), 'latin1'), PAGE('iso-8859-2'), 'iso-8859-2', 0],
  ['application/json', Buffer.from('\ufeff{"a":"ü"}', 'utf16le'), { a: 'ü' }, 'utf-16le', 1],
  ['image/png', Buffer.from([0x89, 0x50, 0, 0xff]), null, undefined, 1],
])('a body of %s is read in its encoding, or not at all', async (type, body, response, encoding, count) => {
  const server = await startServer((_, answer) => answer.setHeader('content-type', type).end(body))
  const notes: ResultNote[] = []
  const tell = (note: ResultNote) => void notes.push(note)
  const access = services({ web: { allow: ['127.0.0.1'], ports: [server.port] } })
  const result = await call(tool('get'), { url: server.url }, contextAt(place.root, { services: access, tell }))
  expect(result).toMatchObject({ response })
  expect(result.encoding).toBe(encoding)
  expect(notes).toHaveLength(count)
})

test.each([
  ['post', { json: { a: 1 } }, 'application/json', '{"a":1}'],
  ['put', { data: { a: 'x y', b: 2 } }, 'application/x-www-form-urlencoded', 'a=x+y&b=2'],
  ['patch', { data: 'plain' }, 'text/plain; charset=utf-8', 'plain'],
])('%s sends %j', async (verb, body, type, sent) => {
  const { url, seen, send } = await open((_, response) => response.writeHead(201).end())
  expect(await send(verb, { url, ...body })).toMatchObject({ status_code: 201, response: '' })
  expect(seen[0]).toMatchObject({ method: verb.toUpperCase(), body: sent, headers: { 'content-type': type } })
})

test('a broken JSON body stays a text, and a note says where it breaks', async () => {
  const server = await startServer((_, answer) => answer.setHeader('content-type', 'application/json').end('[1,]'))
  const notes: ResultNote[] = []
  const tell = (note: ResultNote) => void notes.push(note)
  const access = services({ web: { allow: ['127.0.0.1'], ports: [server.port] } })
  const result = await call(tool('get'), { url: server.url }, contextAt(place.root, { services: access, tell }))
  expect(result.response).toBe('[1,]')
  expect(notes).toEqual([{ warning: expect.stringContaining("line 1, column 4: expected a value, got ']'") }])
})

test('long numbers arrive with all digits, and go out as texts or as numbers', async () => {
  const { url, seen, send } = await open((_, response) =>
    response.setHeader('content-type', 'application/json').end('{"ids": [1098765432109876543, -9007199254740993, 5]}'),
  )
  const { response } = await send('get', { url })
  expect(response).toEqual({ ids: ['1098765432109876543', '-9007199254740993', 5] })
  await send('post', { url, json: response })
  await send('post', { url, json: response, long_numbers: 'number' })
  expect(seen.slice(1).map(({ body }) => body)).toEqual([
    '{"ids":["1098765432109876543","-9007199254740993",5]}',
    '{"ids":[1098765432109876543,-9007199254740993,5]}',
  ])
})

test('sends the key of its call with what must happen once only', async () => {
  const { url, seen, send } = await open((_, response) => response.end())
  await send('post', { url, json: 1 })
  await send('get', { url })
  await send('head', { url })
  await send('delete', { url })
  expect(seen.map(({ method, headers }) => [method, headers['idempotency-key']])).toEqual([
    ['POST', 'call-1'],
    ['GET', undefined],
    ['HEAD', undefined],
    ['DELETE', undefined],
  ])
})

test.each([
  ['get', 404, { code: 'http_status', terminal: true, result: { status_code: 404, response: 'gone' } }],
  ['get', 500, { code: 'http_status', terminal: true }],
  ['get', 503, { code: 'http_status', terminal: false, delay: 7000 }],
  ['get', 429, { code: 'http_status', terminal: false, delay: 7000 }],
  ['post', 503, { code: 'http_status', terminal: true }],
])('%s that is answered %i fails', async (verb, status, error) => {
  const { url, send } = await open((_, response) => response.writeHead(status, { 'retry-after': '7' }).end('gone'))
  await expect(send(verb, { url })).rejects.toMatchObject(error)
  expect(await send(verb, { url, fail_on_status: false })).toMatchObject({
    status_code: status,
    ok: false,
    response: 'gone',
  })
})

test('saves the bytes to a file below the roots', async () => {
  const bytes = Buffer.from([0, 255, 1])
  const { url, send } = await open((_, response) => response.end(bytes))
  expect(await send('get', { url, output_path: 'in/a.bin' })).toMatchObject({
    output_path: 'in/a.bin',
    response: null,
    size: 3,
  })
  expect(await readFile(join(place.root, 'in/a.bin'))).toEqual(bytes)
  await expect(send('get', { url, output_path: '../a.bin' })).rejects.toMatchObject({ code: 'outside_root' })
})

test('refuses headers of two lines, two bodies and unknown parameters', async () => {
  const { url, seen, send } = await open((_, response) => response.end())
  await expect(send('get', { url, headers: { a: 'b\r\nc: d' } })).rejects.toMatchObject({ code: 'invalid_input' })
  await expect(send('post', { url, json: 1, data: 'x' })).rejects.toMatchObject({ code: 'invalid_input' })
  await expect(send('get', { url, json: 1 })).rejects.toMatchObject({ code: 'invalid_input' })
  expect(seen).toEqual([])
})

test('a request that changes something was made, also if its response is too large or cannot be kept', async () => {
  const { url, seen, send } = await open((_, response) => response.end('x'.repeat(2000)))
  for (const verb of ['post', 'put', 'patch', 'delete'])
    await expect(send(verb, { url, max_bytes: 1000 })).rejects.toMatchObject({
      code: 'bad_result',
      message: expect.stringMatching(/^The [A-Z]+ request was made; its result does not fit: .*larger than 1000 bytes/),
    })
  await expect(send('post', { url, output_path: '/elsewhere/a' })).rejects.toMatchObject({ code: 'bad_result' })
  expect(seen).toHaveLength(5)
  await expect(send('get', { url, max_bytes: 1000 })).rejects.toMatchObject({ code: 'response_too_large' })
})
