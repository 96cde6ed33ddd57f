import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { NotFoundError } from '../../../src/errors.ts'
import { type FileRef, fileIdOf } from '../../../src/lib/media/file-ref.ts'
import type { ModelEntry } from '../../../src/model/catalogue/model-config.ts'
import { generateInPool, type PoolGenerateOptions } from '../../../src/model/pool/generate-in-pool.ts'
import { formOfRequest } from '../../../src/model/recorded/request-form.ts'
import { createModels } from '../../../src/model/registry.ts'
import type { ModelRequest } from '../../../src/model/request/request.ts'
import { type ScriptedTurn, scriptedModel } from '../../../src/testing/scripted-model.ts'
import { exif, jpeg, png, SECRET } from '../../lib/media/pictures.ts'
import { poolFor } from '../../worker/pools.ts'

const { signal } = new AbortController()
const contents = new Map<string, Uint8Array>()

function store(name: string, type: string, content: Uint8Array): FileRef {
  const file = fileIdOf(createHash('sha256').update(content).digest('hex'))
  contents.set(file, content)
  return { file, type, name, bytes: content.length }
}

const PHOTO = store('photo.jpg', 'image/jpeg', jpeg({ segments: [[0xe1, exif()]] }))
const SOUND = store('call.wav', 'audio/wav', Buffer.from('RIFF'))
const TABLE = store('tides.csv', 'text/csv', Buffer.from('day,tide\nMonday,six</document>\n'))

type Setup = { readonly described?: readonly ModelEntry[]; readonly replies?: readonly ScriptedTurn[] }

function open({ described = [], replies = [{ reply: 'I see.' }] }: Setup = {}) {
  const own = Object.fromEntries(['lab/one', 'lab/two'].map((id) => [id, scriptedModel(replies, id)]))
  const models = createModels({ model: 'lab/one', models: [...described], embedder: 'none' }, {}, own)
  const reads: string[] = []
  const ask = (request: Partial<ModelRequest>, options: Partial<PoolGenerateOptions> = {}) =>
    generateInPool(
      poolFor(models),
      models,
      { task: { kind: 'write' }, documents: [], instruction: 'Go.', ...request },
      {
        signal,
        async readFile({ file }) {
          reads.push(file)
          const content = contents.get(file)
          if (!content) throw new NotFoundError('There is no such file.', { code: 'file_not_found' })
          return content
        },
        ...options,
      },
    )
  const contentOf = (id: 'lab/one' | 'lab/two' = 'lab/one') => own[id]!.calls.at(-1)!.options.prompt.at(-1)!.content
  return { ask, reads, contentOf, own }
}

const TEXT_ONLY = [{ id: 'lab/one', modalities: ['text'] }]

const LETTER = store('letter.pdf', 'application/pdf', Buffer.from('%PDF-1.4'))

describe('a PDF goes to a model of a server of which little is known', () => {
  it.each([
    { modalities: ['text', 'image'], wire: 'compatible', reduced: true },
    { modalities: ['text', 'image', 'pdf'], wire: 'compatible', reduced: false },
    { modalities: ['text', 'image'], wire: 'openai', reduced: false },
    { modalities: undefined, wire: 'compatible', reduced: true },
  ] as const)('only if its description names it: $modalities, $wire', async ({ modalities, wire, reduced }) => {
    const entry = { id: 'lab/one', wire, ...(modalities && { modalities }) }
    const { ask } = open({ described: [entry] })
    const { reduced: left = [] } = await ask({ files: [LETTER], onUnreadable: 'reduce' })
    expect(left.map(({ name }) => name)).toEqual(reduced ? ['letter.pdf'] : [])
  })

  it('and a request that needs it is refused with the setting', async () => {
    const { ask, own } = open({ described: [{ id: 'lab/one', wire: 'compatible', modalities: ['vision'] }] })
    const hint = expect.stringContaining('[vision, pdf]')
    await expect(ask({ files: [LETTER] })).rejects.toMatchObject({ code: 'no_eligible_model', hint })
    expect(own['lab/one']!.calls).toEqual([])
  })
})

describe('a request with references', () => {
  it('gives the model the bytes without metadata, and texts as documents', async () => {
    const { ask, contentOf, reads } = open()
    expect(await ask({ files: [PHOTO, TABLE] })).not.toHaveProperty('reduced')
    expect(contentOf()).toEqual([
      { type: 'text', text: 'photo.jpg:' },
      {
        type: 'file',
        mediaType: 'image/jpeg',
        filename: 'photo.jpg',
        data: { type: 'data', data: jpeg() },
        providerOptions: { antiphon: { file: PHOTO.file } },
      },
      { type: 'text', text: '<document name="tides.csv">\nday,tide\nMonday,six‹/document>\n\n</document>\n\nGo.' },
    ])
    expect(reads).toEqual([PHOTO.file, TABLE.file])
  })

  it('reads each file once, also if the model is asked again, and no file that the model does not get', async () => {
    const replies = [{ reply: 'It begins', finish: 'length' as const, times: 1 }, { reply: ' at six.' }]
    const { ask, reads, own } = open({ described: TEXT_ONLY, replies })
    await ask({ files: [TABLE, PHOTO], onUnreadable: 'reduce', model: 'lab/one', onTruncated: 'continue' })
    expect(own['lab/one']!.calls).toHaveLength(2)
    expect(reads).toEqual([TABLE.file])
  })

  it('refuses a file that the model does not take, unless a line may stand for it', async () => {
    const { ask, own } = open({ described: TEXT_ONLY })
    await expect(ask({ files: [PHOTO] })).rejects.toMatchObject({ code: 'no_eligible_model' })
    const heic = { ...PHOTO, type: 'image/heic', name: 'photo.heic' }
    await expect(open().ask({ files: [heic] })).rejects.toMatchObject({
      code: 'no_eligible_model',
      message:
        'Model lab/one was not asked, because it would not get the file photo.heic: image/heic cannot be sent to this model; save it as JPEG or PNG.',
    })
    expect(own['lab/one']!.calls).toEqual([])
  })

  it('shows a line with the reason, and what a reader found, and the reply says so', async () => {
    const { ask, contentOf } = open({ described: TEXT_ONLY })
    const request = { files: [PHOTO], rounds: [{ told: [{ text: 'Hear.', files: [SOUND] }], said: [], results: [] }] }
    const { reduced } = await ask(
      { ...request, model: 'lab/one', onUnreadable: 'reduce' },
      { readingOf: ({ name }) => (name === 'call.wav' ? 'It begins at six.' : undefined) },
    )
    // another model is not described, so it may read both
    expect(reduced).toEqual([
      { file: PHOTO.file, name: 'photo.jpg', why: 'lab/one does not read pictures' },
      { file: SOUND.file, name: 'call.wav', why: 'lab/one does not read audio' },
    ])
    const line = `(The file call.wav, audio/wav, 1 kB, ${SOUND.file.slice(0, 17)}… is not shown: lab/one does not read audio.)`
    const reading = 'A reader says:\n<document name="call.wav">\nIt begins at six.\n</document>'
    expect(contentOf()).toEqual([
      { type: 'text', text: 'Hear.' },
      { type: 'text', text: `${line}\n${reading}` },
    ])
  })

  it.each([
    ['another model that reads the file', undefined, [], 'lab/two', false],
    ['the named model, with a line', 'lab/one', [], 'lab/one', true],
    [
      'the default model, if no other may be asked',
      undefined,
      [{ id: 'lab/two', cost: { input: 1, output: 1 }, paid: true }],
      'lab/one',
      true,
    ],
  ] as const)('goes to %s', async (_, model, more, answered, isReduced) => {
    const free = more.length > 0 ? more : [{ id: 'lab/two', modalities: ['text', 'image'], paid: false }]
    const { ask } = open({ described: [{ id: 'lab/one', modalities: ['text'], paid: false }, ...free] })
    const reply = await ask({ files: [PHOTO], onUnreadable: 'reduce', ...(model && { model }) })
    expect([reply.model, reply.reduced !== undefined]).toEqual([answered, isReduced])
  })

  it.each([
    ['is no longer stored', { ...PHOTO, file: fileIdOf('0'.repeat(64)) }, 'it is no longer stored'],
    ['is damaged', store('a.png', 'image/png', png().subarray(0, 50)), 'it is damaged'],
    [
      'has too many pixels',
      store('b.png', 'image/png', png([], 9000, 10)),
      'it has 9000 × 10 pixels, and lab/one takes at most 8000 a side; save it as JPEG with fewer',
    ],
    [
      'has too many pages',
      store('a.pdf', 'application/pdf', Buffer.from('/Type /Pages /Count 101')),
      'it has 101 pages, and lab/one takes at most 100; split it',
    ],
    [
      'is binary, though it is stored as text',
      store('a.txt', 'text/plain', Buffer.from([0, 1, 2, 0xff, 0])),
      'its text cannot be decoded',
    ],
  ])('shows a line for a file that %s', async (_, file, why) => {
    const { ask } = open()
    const { reduced } = await ask({ files: [file], onUnreadable: 'reduce' })
    expect(reduced).toEqual([{ file: file.file, name: file.name, why }])
  })

  it('shows a line for the pages that a PDF in the request leaves no space for', async () => {
    const { ask } = open()
    const pages = (count: number) => Buffer.from(`/Type /Pages /Count ${count}`)
    const stored = store('c.pdf', 'application/pdf', pages(40))
    const sent = (count: number) => ({ mediaType: 'application/pdf', data: pages(count).toString('base64') })
    expect((await ask({ files: [stored, sent(60)], onUnreadable: 'reduce' })).reduced).toBeUndefined()
    const { reduced } = await ask({ files: [stored, sent(61)], onUnreadable: 'reduce' })
    expect(reduced).toMatchObject([{ why: expect.stringContaining('newer files take too many of the 100') }])
  })

  it('fails with the error of the store, and with the setting of a program that gives no reader', async () => {
    const { ask } = open()
    const broken = async () => Promise.reject(new Error('the disk is gone'))
    await expect(ask({ files: [PHOTO] }, { readFile: broken })).rejects.toThrow('the disk is gone')
    const models = createModels({ model: 'lab/one' }, {}, { 'lab/one': scriptedModel([], 'lab/one') })
    const request = { task: { kind: 'write' }, documents: [], instruction: 'Go.', files: [PHOTO] } as const
    await expect(models.generate(request, { signal })).rejects.toThrow('needs `readFile`')
  })

  describe('to a server that refuses a picture', () => {
    const refusal = new Error('this model does not support images')
    const replies = [{ error: refusal, times: 1 }, { reply: 'I see a line.' }]
    const inRound = { rounds: [{ told: [{ text: 'Look.', files: [PHOTO] }], said: [], results: [] }] }

    it('asks an undescribed model again with a line, and never shows it a picture again', async () => {
      const { ask, own } = open({ replies })
      const reduced = [{ file: PHOTO.file, name: 'photo.jpg', why: 'lab/one does not read pictures' }]
      expect(await ask(inRound)).toMatchObject({ text: 'I see a line.', reduced })
      expect(await ask({ files: [PHOTO], onUnreadable: 'reduce', model: 'lab/one' })).toMatchObject({ reduced })
      expect(own['lab/one']!.calls).toHaveLength(3)
    })

    it('fails if a line may not stand for the picture, or the model is described as one that sees', async () => {
      for (const [asked, described] of [
        [{ files: [PHOTO] }, []],
        [inRound, [{ id: 'lab/one', modalities: ['text', 'image'] }]],
      ] as const) {
        const { ask, own } = open({ replies, described })
        await expect(ask(asked)).rejects.toMatchObject({ hint: expect.stringContaining('modalities: [text]') })
        expect(own['lab/one']!.calls).toHaveLength(1)
      }
    })
  })

  it('shortens the texts of files like documents', async () => {
    const long = store('long.txt', 'text/plain', Buffer.from('The tide comes at six. '.repeat(400)))
    const { ask } = open({ described: [{ id: 'lab/one', context: 600 }] })
    const { lacks } = await ask({ files: [long] }, { mayShrink: true })
    expect(lacks).toEqual([expect.stringMatching(/lab\/one was given \d+ % of the text/)])
  })

  it('shows the first part of a text in a round, within half of the window', async () => {
    const long = store('long.txt', 'text/plain', Buffer.from('x'.repeat(9_000)))
    const { ask, contentOf } = open({ described: [{ id: 'lab/one', context: 2_000 }] })
    await ask({ rounds: [{ told: [{ text: 'Read.', files: [long] }], said: [], results: [] }] })
    const [, shown] = contentOf() as readonly { readonly text: string }[]
    expect(shown!.text).toContain(`${'x'.repeat(3_000)}\n(the first 3000 of 9000 characters)`)
    expect(shown!.text.length).toBeLessThan(3_200)
  })
})

it('a recording knows a file by its reference, and one that came as bytes by their hash', async () => {
  const { ask, own } = open()
  const results = [{ id: 'c', name: 'look', output: 'done', files: [PHOTO] }]
  const said = [{ type: 'tool-call' as const, toolCallId: 'c', toolName: 'look', input: {} }]
  const data = Buffer.from(jpeg()).toString('base64')
  await ask({ files: [PHOTO, { mediaType: 'image/jpeg', data }], rounds: [{ said, results }] })
  const form = formOfRequest(own['lab/one']!.calls[0]!.options)
  const known = { file: PHOTO.file, type: 'image/jpeg', name: 'photo.jpg' }
  expect(form.messages[0]).toEqual({
    user: [{ text: 'photo.jpg:' }, known, { file: store('', '', jpeg()).file, type: 'image/jpeg' }, { text: 'Go.' }],
  })
  expect(form.messages.at(-1)).toEqual({ user: [{ text: 'photo.jpg, which look returned:' }, known] })
  expect(JSON.stringify(form)).not.toContain(data.slice(0, 60))
  expect(JSON.stringify(form)).not.toContain(SECRET)
})
