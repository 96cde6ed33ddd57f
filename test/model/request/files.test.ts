import { describe, expect, it } from 'vitest'
import { generateInPool } from '../../../src/model/pool/generate-in-pool.ts'
import type { InputFile } from '../../../src/model/prompt/task.ts'
import { createModels } from '../../../src/model/registry.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'
import { poolFor } from '../../worker/pools.ts'

const signal = new AbortController().signal
const request = { task: { kind: 'write' }, documents: [], instruction: 'What is it?' } as const
const image: InputFile = { name: 'dot.png', mediaType: 'image/png', data: 'iVBORw0KGgo=' }
const text: InputFile = { name: 'a.md', mediaType: 'text/markdown', data: Buffer.from('Tides: ø').toString('base64') }

function ask(files: readonly InputFile[], modalities?: readonly string[]) {
  const model = scriptedModel([{ reply: 'a dot' }])
  const entry = { id: 'lab/one', ...(modalities && { modalities }) }
  const models = createModels({ model: 'lab/one', models: [entry] }, {}, { 'lab/one': model })
  return { model, reply: generateInPool(poolFor(models), models, { ...request, files }, { signal }) }
}

describe('files for a model', () => {
  it('go along as parts, texts as documents', async () => {
    const { model, reply } = ask([image, text])
    await reply
    const [, user] = model.calls[0]!.options.prompt
    expect(user?.content).toEqual([
      { type: 'file', mediaType: 'image/png', filename: 'dot.png', data: { type: 'data', data: 'iVBORw0KGgo=' } },
      { type: 'text', text: '<document name="a.md">\nTides: ø\n</document>\n\nWhat is it?' },
    ])
  })

  it.each([
    [['text', 'vision'], image],
    [['image'], image],
    [['text', 'audio'], { ...image, mediaType: 'audio/wav' }],
    [['text', 'pdf'], { ...image, mediaType: 'application/pdf' }],
    [['text'], text],
    [undefined, image],
  ])('are taken by one that offers %j', async (modalities, file) => {
    expect(await ask([file], modalities).reply).toMatchObject({ text: 'a dot' })
  })

  it.each([
    [['text'], image, 'Model lab/one, as it is described, lacks vision.'],
    [['text', 'vision'], { ...image, mediaType: 'audio/wav' }, 'Model lab/one, as it is described, lacks audio.'],
    [['text'], { ...image, mediaType: 'application/pdf' }, 'lacks the modality document'],
    [undefined, { ...image, mediaType: 'png' }, 'Expected a media type, got "png"'],
    [undefined, { ...image, data: 'A'.repeat(20_000_001) }, 'too large for one model call'],
  ])('are not sent to one that offers %j', async (modalities, file, message) => {
    const { model, reply } = ask([file], modalities)
    await expect(reply).rejects.toMatchObject({ terminal: true, message: expect.stringContaining(message) })
    expect(model.calls).toEqual([])
  })

  it('are texts for the offline model', async () => {
    const models = createModels({ embedder: 'none' }, {})
    const asked = {
      task: { kind: 'answer', question: 'What draws the water?' },
      documents: [],
      instruction: '',
    } as const
    const tide = { ...text, data: Buffer.from('The moon draws the water towards itself.').toString('base64') }
    const ask = (files: readonly InputFile[]) =>
      generateInPool(poolFor(models), models, { ...asked, files }, { signal })
    expect(await ask([tide])).toMatchObject({
      text: expect.stringContaining('The moon'),
      citations: [{ document: 'a.md' }],
    })
    await expect(ask([image])).rejects.toMatchObject({ code: 'no_eligible_model' })
  })
})
