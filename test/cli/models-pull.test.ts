import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openBench } from './commands.ts'

type Said = (body: { readonly model: string }, response: ServerResponse) => void

/** A server that speaks the protocol of Ollama, as its docs print it, with its answer to a pull. */
async function openOllama(answer: Said) {
  const asked: string[] = []
  const server = createServer(async (request: IncomingMessage, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString())
    asked.push(`${request.method} ${request.url} ${body.model}`)
    answer(body, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const bench = openBench()
  const { port } = server.address() as AddressInfo
  bench.write(
    'antiphon.yaml',
    'embedder: none',
    `providers: { ollama: { type: ollama, baseURL: 'http://127.0.0.1:${port}' }, far: { type: ollama, baseURL: 'http://10.1.2.3:11434' } }`,
    'models:',
    '  - { id: ollama/small, aliases: [tiny], pull: true }',
    '  - { id: ollama/eyes }',
    '  - { id: far/small }',
  )
  const pull = (...words: string[]) => bench.runWith({ OLLAMA_MODELS: bench.folder }, 'models', 'pull', ...words)
  return { ...bench, asked, pull }
}

const lines = (...all: readonly object[]) => all.map((one) => `${JSON.stringify(one)}\n`).join('')
const PART = { status: 'pulling 6a0746a1ec1a', digest: 'sha256:6a07', total: 2_000_000_000 }
const WHOLE = lines(
  { status: 'pulling manifest' },
  PART,
  { ...PART, completed: 1_000_000_000 },
  { ...PART, completed: 2_000_000_000 },
  { status: 'pulling 1a2b', digest: 'sha256:1a2b', total: 500, completed: 500 },
  { status: 'success' },
)

test('models pull tells the free space and the size, shows how far it is, and ends with the model', async () => {
  const { pull, asked, folder } = await openOllama((_, response) => response.end(WHOLE))
  const { code, out, err } = await pull('tiny')
  expect([code, asked]).toEqual([0, ['POST /api/pull small']])
  expect(err).toMatch(/^ollama\/small: http:\/\/127\.0\.0\.1:\d+ pulls it\. [\d.]+ \w+ are free in /)
  expect(err).toContain(folder)
  expect(err).toMatch(/It has at least 1\.9 GiB\.\n[\s\S]*pulling 6a0746a1ec1a: 953\.7 MiB of 1\.9 GiB\n/)
  expect(out).toMatch(/^ollama\/small is there, with 1\.9 GiB\.\n$/)
  const all = await pull('--json')
  expect(JSON.parse(all.out)).toMatchObject([{ model: 'ollama/small', bytes: 2_000_000_500 }])
})

test('models pull asks only loopback servers, and only for models of the settings', async () => {
  const { pull, asked, write } = await openOllama((_, response) => response.end(WHOLE))
  expect(await pull('far/small')).toMatchObject({ code: 1, err: expect.stringContaining('is not on this machine') })
  expect(await pull('ollama/smal')).toMatchObject({
    code: 2,
    err: expect.stringContaining('Did you mean ollama/small?'),
  })
  write('antiphon.yaml', 'embedder: none')
  expect(await pull()).toMatchObject({ code: 2, err: expect.stringContaining('No model of the settings has') })
  expect(asked).toEqual([])
})

test.each<[name: string, answer: Said, error: string]>([
  [
    'an error in the stream',
    (_, response) => response.end(lines({ status: 'pulling manifest' }, { error: 'file does not exist' })),
    'cannot pull eyes: file does not exist',
  ],
  ['a refusal', (_, response) => response.writeHead(500).end('{"error":"no such manifest"}'), 'no such manifest'],
  ['an answer that is not Ollama', (_, response) => response.writeHead(404).end('<html>'), 'status 404'],
  ['an end before the end', (_, response) => response.end(lines(PART)), 'ended before it had eyes'],
  ['a broken connection', (_, response) => void response.write(lines(PART), () => response.destroy()), 'broke off'],
  ['more than fits', (_, response) => void response.write(lines({ ...PART, total: 9e15 })), 'are free'],
  ['a redirect', (_, response) => response.writeHead(302, { location: 'http://10.0.0.1/' }).end(), 'does not answer'],
  ['a line without an end', (_, response) => void response.write('x'.repeat(70_000)), 'longer than 64 KiB'],
])('the command says in words what went wrong: %s', async (_, answer, error) => {
  const { pull } = await openOllama(answer)
  const { code, err } = await pull('ollama/eyes')
  expect(code).not.toBe(0)
  expect(err).toContain(error)
})
