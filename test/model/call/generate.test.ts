import { describe, expect, it } from 'vitest'
import { TerminalError } from '../../../src/errors.ts'
import { failedUsageOf } from '../../../src/model/cost/usage.ts'
import { createModels } from '../../../src/model/registry.ts'
import type { ModelRequest } from '../../../src/model/request/request.ts'
import { type ScriptedTurn, scriptedModel } from '../../../src/testing/scripted-model.ts'

const REQUEST: ModelRequest = { task: { kind: 'write' }, documents: [], instruction: 'Say hello.' }
const PERSON: ModelRequest = {
  ...REQUEST,
  instruction: 'Who is it?',
  schema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
}
const signal = () => new AbortController().signal

function scripted(...script: ScriptedTurn[]) {
  const model = scriptedModel(script)
  return { model, models: createModels({ model: 'scripted/model' }, {}, { 'scripted/model': model }) }
}

describe('a reply', () => {
  it('is the text of the model with its usage and id', async () => {
    const { models } = scripted({ reply: 'Hello.', usage: { input: 7, output: 2 } })
    expect(await models.generate(REQUEST, { signal: signal() })).toEqual({
      text: 'Hello.',
      citations: [],
      usage: { input: 7, output: 2 },
      model: 'scripted/model',
    })
  })

  it('comes in deltas to who listens, and whole at the end', async () => {
    const { models } = scripted({ reply: 'one two three' })
    const deltas: string[] = []
    const reply = await models.generate(REQUEST, { signal: signal(), onDelta: (text) => deltas.push(text) })
    expect(deltas.length).toBeGreaterThan(1)
    expect([deltas.join(''), reply.text]).toEqual(['one two three', 'one two three'])
  })

  it('passes on the limits, the system text and the documents', async () => {
    const { model, models } = scripted({ reply: 'ok' })
    const documents = [{ name: 'a.md', text: 'Alpha.' }]
    await models.generate(
      { ...REQUEST, documents, system: 'Be brief.', maxTokens: 9, temperature: 0.5 },
      { signal: signal() },
    )
    expect(model.calls[0]?.options).toMatchObject({ maxOutputTokens: 9, temperature: 0.5 })
    expect(model.calls[0]?.prompt).toMatch(/Be brief\..*<document name="a\.md">\nAlpha\.\n<\/document>\n\nSay hello\./s)
  })

  it('is asked for with at least one word, which several providers want', async () => {
    const { model, models } = scripted({ reply: 'ok' })
    await models.generate({ ...REQUEST, instruction: '' }, { signal: signal() })
    expect(model.calls[0]?.prompt).toBe('-')
  })

  it.each(['error', 'interrupted'] as const)(
    'that its provider ended by %s is an error worth another try',
    async (finish) => {
      const { models } = scripted({ reply: 'half a', finish })
      await expect(models.generate(REQUEST, { signal: signal() })).rejects.toMatchObject({
        name: 'RetryableError',
        code: 'model_unavailable',
      })
    },
  )

  it('is an error to retry when it is empty', async () => {
    const { models } = scripted({ reply: ' ' })
    await expect(models.generate(REQUEST, { signal: signal() })).rejects.toMatchObject({
      name: 'RetryableError',
      code: 'model_empty_output',
    })
  })

  it('is not retried when it reaches the limit of tokens without a word', async () => {
    const usage = { input: 10, output: 4096 }
    const { models } = scripted({ reply: '', finish: 'length', usage })
    for (const request of [REQUEST, PERSON]) {
      const failure = await models.generate(request, { signal: signal() }).catch((error: unknown) => error)
      expect(failure).toMatchObject({
        name: 'TerminalError',
        code: 'model_truncated_output',
        hint: expect.stringContaining('max_tokens'),
      })
      expect(failedUsageOf(failure)).toMatchObject({ usage })
    }
  })

  it('is a refusal when a provider filtered it', async () => {
    const { models } = scripted({ reply: '', finish: 'content-filter' })
    expect(await models.generate(PERSON, { signal: signal() })).toMatchObject({
      refused: 'the provider filtered the reply',
    })
  })
})

describe('a reply to a schema', () => {
  it('is parsed and checked', async () => {
    const { models } = scripted({ reply: { name: 'Ada' } })
    expect(await models.generate(PERSON, { signal: signal() })).toMatchObject({ object: { name: 'Ada' } })
  })

  it('sends the schema to the model', async () => {
    const { model, models } = scripted({ reply: { name: 'Ada' } })
    await models.generate(PERSON, { signal: signal() })
    expect(model.calls[0]?.options.responseFormat).toMatchObject({ type: 'json', schema: PERSON.schema })
  })

  it('is asked for once more when it does not fit, saying what is wrong; both calls are counted', async () => {
    const usage = { input: 10, output: 1 }
    const { model, models } = scripted({ reply: { nam: 'Ada' }, times: 1, usage }, { reply: { name: 'Ada' }, usage })
    const reply = await models.generate(PERSON, { signal: signal() })
    expect(reply).toMatchObject({ object: { name: 'Ada' }, usage: { input: 20, output: 2 } })
    expect(model.calls[1]?.prompt).toMatch(/\{"nam":"Ada"\}\nThat does not fit the JSON Schema: name: /)
  })

  it('fails when it does not fit twice', async () => {
    const { model, models } = scripted({ reply: 'no' })
    await expect(models.generate(PERSON, { signal: signal() })).rejects.toMatchObject({
      name: 'TerminalError',
      code: 'model_invalid_output',
    })
    expect(model.calls).toHaveLength(2)
  })

  it('counts the first call where the second fails with an error of ours, wrapped by the SDK or not', async () => {
    const usage = { input: 10, output: 1 }
    const tooLong = () => new TerminalError('too long')
    for (const error of [tooLong(), new Error('Failed to process the response', { cause: tooLong() })]) {
      const { models } = scripted({ reply: 'no', times: 1, usage }, { error })
      const failure = await models.generate(PERSON, { signal: signal() }).catch((thrown: unknown) => thrown)
      expect(failure).toMatchObject({ message: 'too long' })
      expect(failedUsageOf(failure)).toEqual({ model: 'scripted/model', usage })
    }
  })

  it('fails when it was cut off', async () => {
    const { model, models } = scripted({ reply: '{"name":"A', finish: 'length' })
    await expect(models.generate(PERSON, { signal: signal() })).rejects.toMatchObject({
      code: 'model_truncated_output',
    })
    expect(model.calls).toHaveLength(1)
  })
})

describe('an abort', () => {
  it.each([false, true])('rejects with the reason of the signal (streaming: %s)', async (streaming) => {
    const { models, model } = scripted({ reply: 'late', gate: new Promise(() => {}) })
    const controller = new AbortController()
    const onDelta = streaming ? { onDelta() {} } : {}
    const running = models.generate(REQUEST, { signal: controller.signal, ...onDelta })
    await expect.poll(() => model.calls.length).toBe(1)
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(running).rejects.toBe(reason)
  })

  it('is heeded though the model does not heed it', async () => {
    const deaf = { ...scriptedModel([]), doGenerate: () => new Promise<never>(() => {}) }
    const models = createModels({ model: 'scripted/deaf' }, {}, { 'scripted/deaf': deaf })
    const controller = new AbortController()
    const running = models.generate(REQUEST, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
  })

  it('before the call sends no request', async () => {
    const { models, model } = scripted({ reply: 'never' })
    await expect(models.generate(REQUEST, { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow(
      'too late',
    )
    expect(model.calls).toEqual([])
  })
})
