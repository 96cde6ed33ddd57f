import { describe, expect, it } from 'vitest'
import { transcribeInPool } from '../../../src/model/audio/audio-in-pool.ts'
import type { ModelEntry } from '../../../src/model/catalogue/model-config.ts'
import { generateInPool } from '../../../src/model/pool/generate-in-pool.ts'
import { createModels } from '../../../src/model/registry.ts'
import type { ModelRequest } from '../../../src/model/request/request.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'
import { UNKNOWN_OFFERS } from '../../../src/worker/capabilities.ts'
import { createTasks } from '../../worker/held.ts'
import { poolFor } from '../../worker/pools.ts'

const { signal } = new AbortController()
const REQUEST: ModelRequest = { task: { kind: 'write' }, documents: [], instruction: 'Go.' }
const fileOf = (mediaType: string) => ({ files: [{ mediaType, data: 'AAAA' }] })
const TOOLS = { tools: [{ name: 'look', description: 'Looks.', schema: {} }] }
const LONG = { documents: [{ name: 'a.md', text: 'x'.repeat(8_000) }] }
const KINDS: { readonly [kind: string]: Partial<ModelRequest> } = {
  image: fileOf('image/png'),
  audio: fileOf('audio/wav'),
  video: fileOf('video/mp4'),
  page: fileOf('application/pdf'),
  json: { schema: { type: 'object' } },
  tools: TOOLS,
  long: LONG,
  'a long file': { files: [{ mediaType: 'text/plain', data: Buffer.from('x'.repeat(40_000)).toString('base64') }] },
}

function open(said: Omit<ModelEntry, 'id'> | undefined) {
  const model = scriptedModel([{ reply: '{}' }], 'lab/one')
  const models = createModels(
    { model: 'lab/one', ...(said && { models: [{ id: 'lab/one', ...said }] }) },
    {},
    { 'lab/one': model },
  )
  const pool = poolFor(models)
  const ask = (more: Partial<ModelRequest> = {}, options = {}) =>
    generateInPool(pool, models, { ...REQUEST, ...more }, { signal, ...options })
  return { model, models, pool, ask }
}

const ALL = Object.keys(KINDS)

describe('a model is asked for what it is not known to lack', () => {
  it.each<[said: Omit<ModelEntry, 'id'> | undefined, refused: readonly string[]]>([
    [undefined, []],
    [{ size: '8b', capabilities: ['speech'] }, []],
    [{ modalities: ['text'] }, ['image', 'audio', 'video', 'page']],
    [{ modalities: ['vision'] }, ['audio', 'video']],
    [{ modalities: ['image', 'video'] }, ['audio']],
    [{ modalities: ['pdf', 'audio'] }, ['image', 'video']],
    [{ modalities: ['text'], capabilities: ['transcription'] }, ['image', 'video', 'page']],
    [{ json: false }, []],
    [{ json: true, tools: false }, ['tools']],
    [{ context: 999 }, ['long', 'a long file']],
    [{ context: 1_000 }, ['a long file']],
    // what is left of a text by a form is not known before it is made
    [{ context: 10, form: { before: ['trim'] } }, []],
  ])('described as %j it does not get %j', async (said, refused) => {
    const found: string[] = []
    for (const kind of ALL) {
      const { model, ask } = open(said)
      const code = await ask(KINDS[kind]).then(
        () => undefined,
        (error: { readonly code: string }) => error.code,
      )
      expect(model.calls).toHaveLength(code === undefined ? 1 : 0)
      if (code === undefined) continue
      found.push(kind)
      expect(code).toBe(kind.includes('long') ? 'context_overflow' : 'no_eligible_model')
    }
    expect(found).toEqual(refused)
  })

  it('an error before any request names the missing parts and the way out', async () => {
    const { pool, ask } = open({ modalities: ['text'], tools: false })
    await expect(ask({ ...fileOf('image/png'), ...TOOLS })).rejects.toMatchObject({
      name: 'TerminalError',
      message: 'Model lab/one, as it is described, lacks tools, vision.',
      hint: 'Take another one (requires_model: tools), or say `tools: true` of it if it does.',
      cause: {
        code: 'no_available_worker',
        message: 'No worker of pool text_step_pool can do this: lab/one lacks tools, vision.',
      },
    })
    expect(pool.stats()).toMatchObject({ done: 0, failed: 0 })
  })

  it('a recording is in a request of its own', async () => {
    const { pool, models } = open({ modalities: ['text'] })
    const audio = { mediaType: 'audio/wav', data: 'UklGRg==' }
    await expect(transcribeInPool(pool, models, { model: 'lab/one', audio }, { signal })).rejects.toMatchObject({
      message: 'Model lab/one, as it is described, lacks audio.',
    })
  })

  it('it gets less where all of it is known to be too long, without a request in vain', async () => {
    const { model, ask } = open({ context: 600 })
    expect(await ask(LONG, { mayShrink: true })).toMatchObject({
      lacks: ['lab/one was given 50 % of the text: all of it is too long for this model'],
    })
    expect(model.calls).toHaveLength(1)
  })

  it('does not do the work of hands, whatever it is able to do', async () => {
    const { pool, ask } = open({ tools: true, json: true })
    await ask()
    await expect(pool.submit({ signal, needs: { hands: true }, run: (_, { id }) => id })).resolves.toBe('hands')
    expect(UNKNOWN_OFFERS).not.toHaveProperty('hands')
  })
})

it('tasks that need more of a model wait in the same queue, and shares take turns in it', async () => {
  const { models } = open({})
  const pool = poolFor(models, 1)
  const { needs } = pool.employ('lab/one')
  const { task, begun, end } = createTasks()
  const all = [
    ...['a1', 'a2', 'a3'].map((name) => pool.submit(task(name, { needs: { ...needs, json: true }, share: 'a' }))),
    pool.submit(task('b1', { needs: { ...needs, contextTokens: 7 }, share: 'b' })),
  ]
  for (const name of ['a1', 'a2', 'b1', 'a3']) {
    expect(begun.at(-1)).toBe(name)
    end(name)
    await new Promise(setImmediate)
  }
  await Promise.all(all)
})

it('the use of a model is counted at its worker and its pool, also for a failed call', async () => {
  const own = scriptedModel([{ reply: 'no JSON' }], 'lab/one')
  const models = createModels(
    { model: 'lab/one', models: [{ id: 'lab/one', cost: { input: 1, output: 10 } }] },
    {},
    { 'lab/one': own },
  )
  const pool = poolFor(models)
  const took = () => {
    const { each, tokens, cost } = pool.report()
    expect(each.map((worker) => [worker.id, worker.tokens, worker.cost])).toEqual([
      ['hands', undefined, undefined],
      ['lab/one', tokens, cost],
    ])
    expect(cost).toBeCloseTo((tokens.input + 10 * tokens.output) / 1e6)
    return tokens
  }
  const ask = (more = {}) => generateInPool(pool, models, { ...REQUEST, ...more }, { signal })
  const { usage } = await ask()
  expect(took()).toEqual(usage)
  await expect(ask({ schema: { type: 'object' } })).rejects.toMatchObject({ code: 'model_invalid_output' })
  expect(took().output).toBe(3 * usage.output)
})
