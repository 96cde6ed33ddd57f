import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { type FileRef, type FileVerdict, verdictAfter } from '../../../src/lib/media/file-ref.ts'
import { suspectsNamed } from '../../../src/model/files/named-files.ts'
import { createModels } from '../../../src/model/registry.ts'
import type { FileVerdicts, GenerateOptions, ModelRequest } from '../../../src/model/request/request.ts'
import { base64, has, openPicky, type Refuse } from '../../agent/goal/picky-provider.ts'
import { png } from '../../lib/media/pictures.ts'

const contents = new Map<string, Buffer>()

function store(name: string, shade: number): FileRef {
  const content = png([['tRNS', Buffer.alloc(40, shade)]])
  const file = `file_${createHash('sha256').update(content).digest('hex')}`
  contents.set(file, content)
  return { file, type: 'image/png', name, bytes: content.length }
}

const [ONE, TWO] = [store('one.png', 1), store('two.png', 2)] as const
const contentOf = ({ file }: FileRef) => contents.get(file)!

/** The verdicts of servers, in memory. */
function inMemory() {
  const known = new Map<string, FileVerdict>()
  const verdicts: FileVerdicts = {
    find: async (server, files) => new Map(files.flatMap((file) => entryOf(file, known.get(`${server} ${file}`)))),
    async note(server, files, words) {
      for (const file of files) known.set(`${server} ${file}`, verdictAfter(known.get(`${server} ${file}`), words, 1))
    },
  }
  return { known, verdicts }
}

const entryOf = (file: string, verdict: FileVerdict | undefined) => (verdict ? [[file, verdict] as const] : [])

async function open(refuse: Refuse) {
  const { url, got } = await openPicky(refuse)
  const models = createModels(
    {
      model: 'po/m',
      embedder: 'none',
      providers: {
        pa: { type: 'anthropic', baseURL: `${url}/pa/v1`, keyEnv: 'KEY' },
        po: { type: 'openai-compatible', baseURL: `${url}/po/v1`, keyEnv: 'KEY' },
      },
      models: ['pa/m', 'po/m'].map((id) => ({ id, modalities: ['text', 'image'] })),
    },
    { KEY: 'key-of-the-provider' },
  )
  const again: unknown[] = []
  const { known, verdicts } = inMemory()
  const ask = (request: Partial<ModelRequest>, options: Partial<GenerateOptions> = {}) =>
    models.generate(
      { task: { kind: 'write' }, documents: [], instruction: 'Go.', model: 'pa/m', onUnreadable: 'reduce', ...request },
      {
        signal: new AbortController().signal,
        readFile: async (file) => contentOf(file),
        onAgain: (why) => again.push(why),
        verdicts,
        ...options,
      },
    )
  return { ask, got, again, known }
}

test.each([
  [401, 'invalid x-api-key', 'model_unauthorized'],
  [402, 'Payment required', 'model_quota_spent'],
  [404, 'model: m', 'model_not_found'],
  [413, 'request_too_large', 'context_overflow'],
  [429, 'Too many requests', 'model_rate_limited'],
  [500, 'Internal server error', 'model_unavailable'],
  [529, 'Overloaded', 'model_overloaded'],
  [400, 'prompt is too long: 210000 tokens > 200000 maximum', 'context_overflow'],
])('another failure sends no second request: status %i, %s', async (status, words, code) => {
  const { ask, got, again, known } = await open(() => ({ status, words }))
  await expect(ask({ files: [ONE] })).rejects.toMatchObject({ code })
  expect([got.length, again.length, known.size]).toEqual([1, 0, 0])
})

test('a step that allows no line sends no second request', async () => {
  const { ask, got } = await open(() => ({ words: 'Could not process image' }))
  await expect(ask({ files: [ONE], onUnreadable: 'refuse' })).rejects.toMatchObject({ code: 'model_rejected' })
  expect(got).toHaveLength(1)
})

test('a request of a caller that keeps nothing goes again, too, and the reply lists the files', async () => {
  const { ask, got } = await open((one) => (has(one, contentOf(ONE)) ? { words: 'Invalid image.' } : undefined))
  const options = { verdicts: undefined as never }
  const { reduced } = await ask({ files: [ONE, TWO], model: 'po/m' }, options)
  expect(reduced?.map(({ name }) => name)).toEqual(['one.png', 'two.png'])
  expect(got.map(({ status }) => status)).toEqual([400, 200])
})

test('another failure of the second request is the one that counts, and nothing is marked', async () => {
  const { ask, known } = await open((one) =>
    has(one, contentOf(ONE)) ? { words: 'Could not process image' } : { status: 429, words: 'Too many requests' },
  )
  await expect(ask({ files: [ONE] })).rejects.toMatchObject({ code: 'model_rate_limited' })
  expect(known.size).toBe(0)
})

test('words that repeat the key are stored and shown without it', async () => {
  const { ask, known } = await open((one) =>
    has(one, contentOf(ONE)) ? { words: 'Could not process image, sent with key-of-the-provider' } : undefined,
  )
  const { reduced } = await ask({ files: [ONE] })
  expect(JSON.stringify([reduced, ...known.values()])).not.toContain('key-of-the-provider')
  expect(reduced![0]!.why).toMatch(/^pa refused a request with it: "Could not process image, sent with /)
})

test('the same file in two places is read once, and the newest place stays if both are too many', async () => {
  const { ask, got } = await open(() => undefined)
  const told = Array.from({ length: 21 }, () => ({ text: 'Look.', files: [{ ...ONE }] }))
  await ask({ rounds: told.map((note) => ({ told: [note], said: [], results: [] })) })
  expect(got[0]!.text.split(base64(contentOf(ONE))).length - 1).toBe(20)
})

const whole = (file: FileRef) => ({ type: 'whole' as const, file, data: contentOf(file) })
const image = (file: FileRef) => ({ type: 'image', source: { type: 'base64', data: base64(contentOf(file)) } })

test.each<[words: string, body: object, named: readonly string[]]>([
  [
    'messages.0.content.1.image.source.base64.data: Could not process image',
    { messages: [{ content: [image(ONE), image(TWO)] }] },
    ['two.png'],
  ],
  [
    'messages.1.content.0.tool_result.content.0.image.source: wrong',
    { messages: [{ content: [image(TWO)] }, { content: [{ type: 'tool_result', content: [image(ONE)] }] }] },
    ['one.png'],
  ],
  [
    "Invalid 'input[0].content[1].image_url'.",
    { input: [{ content: [{}, { image_url: `data:image/png;base64,${base64(contentOf(TWO))}` }] }] },
    ['two.png'],
  ],
  [
    'GenerateContentRequest.contents[0].parts[0].inline_data: wrong',
    { contents: [{ parts: [{ inlineData: { data: base64(contentOf(ONE)) } }] }] },
    ['one.png'],
  ],
  ['The image two.png is not valid.', {}, ['two.png']],
  ['The image old-two.png is not valid.', {}, []],
  ['Could not process image', { messages: [{ content: [image(ONE)] }] }, []],
  ['messages.0.content.7: wrong', { messages: [{ content: [image(ONE), image(TWO)] }] }, ['one.png', 'two.png']],
])('a refusal names files: %s', (text, body, named) => {
  const found = suspectsNamed([whole(ONE), whole(TWO)], { words: text, text, body })
  expect(found.map(({ file }) => file.name)).toEqual(named)
})
