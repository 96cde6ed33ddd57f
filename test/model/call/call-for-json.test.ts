import { APICallError, type LanguageModelV4, type LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { describe, expect, it } from 'vitest'
import type { ModelEntry } from '../../../src/model/catalogue/model-config.ts'
import { createModels } from '../../../src/model/registry.ts'
import type { ModelRequest } from '../../../src/model/request/request.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'

const schema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
const request: ModelRequest = { task: { kind: 'write' }, documents: [], instruction: 'Invent a person.', schema }
const { signal } = new AbortController()

type Form = 'schema' | 'object' | 'words'
const formOf = ({ responseFormat }: LanguageModelV4CallOptions): Form => {
  if (responseFormat?.type !== 'json') return 'words'
  return responseFormat.schema ? 'schema' : 'object'
}
const refusal = (message: string, statusCode = 400) =>
  new APICallError({
    message,
    url: 'http://x',
    requestBodyValues: {},
    statusCode,
    responseBody: JSON.stringify({ error: { message } }),
  })

/** A model whose server refuses these forms. */
function lab(refused: { readonly [form in Form]?: Error }, entry: Partial<ModelEntry> = {}) {
  const script = scriptedModel([{ reply: '{"name":"Ann"}' }])
  const asked: LanguageModelV4CallOptions[] = []
  const model: LanguageModelV4 = {
    ...script,
    async doGenerate(options) {
      asked.push(options)
      const error = refused[formOf(options)]
      if (error) throw error
      return script.doGenerate(options)
    },
  }
  const notices: string[] = []
  const config = { model: 'lab/m', embedder: 'none', models: [{ id: 'lab/m', ...entry }] }
  const models = createModels(config, {}, { 'lab/m': model }, undefined, (line) => notices.push(line))
  return { models, notices, asked, forms: () => asked.map(formOf) }
}
const SCHEMA = refusal('response_format of the type json_schema is not offered')
const OBJECT = refusal("'response_format.type' must be 'json_schema' or 'text'")

describe('a reply in JSON', () => {
  it('is asked for by the schema', async () => {
    const { models, notices, forms } = lab({})
    expect((await models.generate(request, { signal })).object).toEqual({ name: 'Ann' })
    expect([forms(), notices]).toEqual([['schema'], []])
  })

  it('is asked for as an object after a refusal, from then on, with one notice', async () => {
    const { models, notices, forms } = lab({ schema: SCHEMA })
    for (let round = 0; round < 2; round++)
      expect((await models.generate(request, { signal })).object).toEqual({ name: 'Ann' })
    expect(forms()).toEqual(['schema', 'object', 'object'])
    expect(notices).toEqual([expect.stringContaining('model lab/m: its server refuses a JSON schema')])
  })

  it('is asked for in words after two refusals', async () => {
    const { models, notices, forms } = lab({ schema: SCHEMA, object: OBJECT })
    expect((await models.generate(request, { signal })).object).toEqual({ name: 'Ann' })
    expect((await models.generate(request, { signal })).object).toEqual({ name: 'Ann' })
    expect(forms()).toEqual(['schema', 'object', 'words', 'words'])
    expect(notices).toEqual([expect.stringContaining('`json: false`')])
  })

  it.each<[ModelEntry['json'], Form]>([
    [true, 'schema'],
    ['schema', 'schema'],
    ['object', 'object'],
    [false, 'words'],
  ])('is asked for as its description says: json: %s', async (json, form) => {
    const { models, forms } = lab({}, { json: json! })
    await models.generate(request, { signal })
    expect(forms()).toEqual([form])
    const [first] = models.judge({ capabilities: ['json'] }).filter(({ id }) => id === 'lab/m')
    expect(first?.fits).toBe(json !== false)
  })

  it('has its schema in words, also if the form of the prompts leaves it out', async () => {
    const { models, asked } = lab({}, { json: false, form: { prompt: '{{ instruction }}' } })
    await models.generate(request, { signal })
    expect(JSON.stringify(asked[0]?.prompt)).toContain('Answer only with JSON that fits this JSON Schema')
  })

  it('is not asked for again after another refusal', async () => {
    const { models, forms } = lab({ schema: refusal('the JSON schema needs money', 402) })
    await expect(models.generate(request, { signal })).rejects.toMatchObject({ code: 'model_quota_spent' })
    expect(forms()).toEqual(['schema'])
  })

  it('fails with the first refusal if each form is refused', async () => {
    const { models, notices, forms } = lab({ schema: SCHEMA, object: OBJECT, words: OBJECT })
    await expect(models.generate(request, { signal })).rejects.toThrow('json_schema is not offered')
    expect([forms(), notices]).toEqual([['schema', 'object', 'words'], []])
  })

  it('is asked for without a format beside tools alone if the server refuses only both', async () => {
    const { models, forms } = lab({ schema: SCHEMA })
    await models.generate({ ...request, tools: [{ name: 'look', description: 'Looks.', schema }] }, { signal })
    await models.generate(request, { signal })
    expect(forms()).toEqual(['schema', 'object', 'schema', 'object'])
  })
})
