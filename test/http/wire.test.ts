import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { SERVE } from '../../src/config/serve.ts'
import { createApp } from '../../src/http/app.ts'
import { serve } from '../../src/http/serve.ts'
import { openApp } from './bench.ts'

/** An app on loopback, asked byte by byte as a foreign client may. */
async function openWire() {
  const { runtime, file } = openApp()
  const app = createApp(runtime, { serve: { ...SERVE, maxBody: 2000 } })
  const served = await serve(app, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => served.close())
  const ask = (method: string, path: string, chunks: readonly string[] = [], headers: Record<string, string> = {}) =>
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
  return { ask, file, runtime }
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
