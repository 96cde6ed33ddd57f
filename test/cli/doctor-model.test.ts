import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

const KEY = 'sk-doctor-key-0815'

type Asked = { readonly url: string; readonly key: string; readonly body: unknown }

/** A server of the OpenAI protocol that gives every request the same reply. */
async function openServer(status: number, reply: object) {
  const asked: Asked[] = []
  const double = createServer(async (request, response) => {
    asked.push({ url: request.url!, key: String(request.headers.authorization), body: await json(request) })
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply))
  })
  await new Promise<void>((resolve) => double.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void double.close())
  return { asked, url: `http://127.0.0.1:${(double.address() as AddressInfo).port}` }
}

const replyOf = (content: string, finish_reason = 'stop') => ({
  id: 'a',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, finish_reason, message: { role: 'assistant', content } }],
  usage: { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 },
})

async function examine(url: string) {
  const bench = openBench(REAL)
  const environment = { ANTIPHON_MODEL: 'openai/m', OPENAI_API_KEY: KEY, OPENAI_BASE_URL: url }
  const { code, out, err } = await bench.runWith(environment, 'doctor')
  expect(out + err).not.toContain(KEY)
  return { code, model: /^.* model .*$/m.exec(out)![0] }
}

it('doctor calls the configured model once, with its key, and says that it answers', async () => {
  const { asked, url } = await openServer(200, replyOf('OK'))
  const { code, model } = await examine(url)
  expect(model).toMatch(/^ok +model +openai\/m: ANTIPHON_MODEL names it; it answered in \d+ ms$/)
  expect(code).toBe(0)
  expect(asked).toMatchObject([
    { url: '/v1/chat/completions', key: `Bearer ${KEY}`, body: { model: 'm', max_tokens: 16 } },
  ])
})

it('doctor takes a model that spends its few tokens on thinking for one that answers', async () => {
  const { url } = await openServer(200, replyOf('', 'length'))
  expect(await examine(url)).toMatchObject({ code: 0, model: expect.stringContaining('it answered in') })
})

it.each([
  [401, `wrong key ${KEY}`, /^BAD +model +Model openai\/m failed with status 401: wrong key \[redacted\]/],
  [404, 'There is no model m', /^BAD +model +Model openai\/m failed with status 404: There is no model m/],
])('doctor says that the model refuses with %d, and ends with 1', async (status, message, expected) => {
  const { url } = await openServer(status, { error: { message } })
  const { code, model } = await examine(url)
  expect(model).toMatch(expected)
  expect(code).toBe(1)
})

it('doctor says that the server of the model cannot be reached', async () => {
  const gone = createServer()
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve))
  const { port } = gone.address() as AddressInfo
  await new Promise((resolve) => gone.close(resolve))
  const { code, model } = await examine(`http://127.0.0.1:${port}`)
  expect(model).toMatch(/^BAD +model +Model openai\/m failed: .*ECONNREFUSED/)
  expect(code).toBe(1)
})
