import { describe, expect, test } from 'vitest'
import { TerminalError } from '../../src/errors.ts'
import type { ModelReply, ModelRequest } from '../../src/model/request/request.ts'
import { echoTools } from '../../src/tool/builtin/echo.ts'
import { NAMELESS } from '../worker/pools.ts'
import { openWorkshop, tool } from './workshop.ts'

const answer = (reply: Partial<ModelReply> = {}): ModelReply => ({
  ...{ text: 'an answer', citations: [], usage: { input: 3, output: 2 }, model: 'test/model' },
  ...reply,
})

/** Runs one step and hands back what its fields are, as a step after it sees them. */
async function step(text: string, shown: string, generate = async (_: ModelRequest) => answer()) {
  const tools = [tool('filesystem:read', ({ path }) => ({ path: path!, content: 'hi' })), ...echoTools]
  const bench = openWorkshop({ tools, generate })
  const indented = text.trim().replaceAll('\n', '\n    ')
  const end = await bench.run(`name: x
inputs: { n: 3, who: you }
steps:
  - id: s
    ${indented}
outputs: { shown: ${JSON.stringify(shown)} }`)
  return { ...end, problem: end.problem, shown: (end.outputs as { shown?: unknown } | null)?.shown }
}

describe('actions without a tool', () => {
  test.each([
    ['action: echo "Hello {{ who }}"', '{{ s.result }}', '"Hello you"'],
    ['action: print hello', '{{ s }}', 'hello'],
    ['action: |\n  show one\n    two', '{{ s.result }}', 'one\n  two'],
    ['action: output {{ n }} of {{ n }}', '{{ s }} {{ s.status }} {{ s.success }}', '3 of 3 completed true'],
    ['action: debug\nparameters: { message: "{{ n }}" }', '{{ s.result }}', 3],
    ['action: evaluate_condition\nparameters: { condition: "n > 2" }', '{{ s.result }}', true],
    ['action: evaluate_condition\nparameters: { condition: "{{ n }} > 4" }', '{{ s.result }}', false],
    ['action: evaluate_condition\nparameters: { condition: false }', '{% if s %}y{% else %}n{% endif %}', 'n'],
    ['action: file\nparameters: { action: read, path: f }', '{{ s.content }}', 'hi'],
    ['action: filesystem\nparameters: { action: read, path: f }', '{{ s.content }}', 'hi'],
  ])('%s', async (text, shown, expected) => {
    expect(await step(text, shown)).toMatchObject({ status: 'completed', shown: expected })
  })

  test.each([
    'generate',
    'generate_text',
    'generate-text',
    'llm_call',
    'llm_generate',
    'llm-generate',
    'llm',
    'generate_code',
  ])('%s asks the model and tells of it', async (action) => {
    const shown = '{{ s.result }}|{{ s.text }}|{{ s.action }}|{{ s.model_used }}|{{ s.success }}'
    const end = await step(`action: ${action}\nparameters: { prompt: Go }`, shown)
    expect(end.shown).toBe('an answer|an answer|generate|test/model|true')
    const model = { for: 'step', model: 'test/model', why: 'the default model', input: 3, output: 2 }
    expect(end.steps.s).toMatchObject({ models: [model] })
  })

  test('an empty reply is not a success', async () => {
    const empty = async () => {
      throw new TerminalError('model gave an empty reply', { code: 'model_empty_output' })
    }
    const end = await step(
      'action: generate\nparameters: { prompt: Go }\non_failure: continue',
      '{{ s.success }}',
      empty,
    )
    expect(end.shown).toBe(false)
  })
})

describe('JSON', () => {
  const schema = '{ type: object, properties: { age: { type: integer } }, required: [age] }'

  test('of a schema is asked for as such, and is a value', async () => {
    const requests: ModelRequest[] = []
    const generate = async (request: ModelRequest) => {
      requests.push(request)
      return answer({ text: '```json\n{"age": 7}\n```', object: { age: 7 } })
    }
    const end = await step(
      `action: generate_structured\nparameters: { prompt: Who?, schema: ${schema} }`,
      '{{ s.age + n }}',
      generate,
    )
    expect(end.shown).toBe(10)
    expect(requests[0]).toMatchObject({ schema: { properties: { age: { type: 'integer' } } } })
  })

  test.each([
    ['response_format: json_object', { type: 'object' }],
    [`response_format: { type: json_schema, json_schema: { schema: ${schema} } }`, { required: ['age'] }],
    [`schema: '{"type":"object","required":["age"]}'`, { required: ['age'] }],
    ['response_format: text', undefined],
  ])('%s asks for the schema', async (parameter, expected) => {
    const requests: ModelRequest[] = []
    const generate = async (request: ModelRequest) => {
      requests.push(request)
      return answer({ object: { age: 7 } })
    }
    await step(`action: analyze\nparameters: { prompt: Who?, ${parameter} }`, '', generate)
    if (expected) expect(requests[0]!.schema).toMatchObject(expected)
    else expect(requests[0]).not.toHaveProperty('schema')
  })

  test.each([
    ['Answer as JSON', '```json\n{"a": [1]}\n```', { a: [1] }, '{{ s.result }}'],
    ['Answer as JSON', '[1, 2]', [1, 2], '{{ s.result }}'],
    ['Answer as JSON', '{"a": 1}', '{"a": 1}', 'x{{ s.text }}'.slice(1)],
    ['Answer as JSON', 'no: {"a": 1}', 'no: {"a": 1}', '{{ s.result }}'],
    ['Answer as JSON', '7', '7', '{{ s.result }}'],
    ['Answer', '{"a": 1}', '{"a": 1}', '{{ s.result }}'],
  ])('%s: %s', async (prompt, text, expected, shown) => {
    const end = await step(`action: generate\nparameters: { prompt: ${prompt} }`, shown, async () => answer({ text }))
    expect(end.shown).toEqual(expected)
  })

  test('an unknown format is reported before the model is asked', async () => {
    const end = await step('action: generate\nparameters: { prompt: x, response_format: xml }', '')
    expect(end.problem).toMatchObject({ code: 'bad_value', message: expect.stringContaining('xml') })
  })
})

describe('models of a step', () => {
  const busy = new TerminalError('model a is gone', { code: 'model_unauthorized' })

  test('are tried in order, and the result lists the models that failed', async () => {
    const asked: (string | undefined)[] = []
    const generate = async ({ model }: ModelRequest) => {
      asked.push(model)
      if (model === 'a/one') throw busy
      return answer({ model: model! })
    }
    const end = await step(
      'action: generate\nparameters: { prompt: x, model: a/one, models: [b/two, c/three] }',
      '{{ s.model_used }}',
      generate,
    )
    expect(asked).toEqual(['a/one', 'b/two'])
    expect(end).toMatchObject({ status: 'completed', shown: 'b/two' })
    const instead_of = [{ model: 'a/one', code: 'model_unauthorized' }]
    expect(end.steps.s).toMatchObject({
      degraded: true,
      models: [{ model: 'b/two', why: 'named by the step', instead_of }],
    })
  })

  test('are tried in order with all of the text; the last of them gets less of it, and the step says so', async () => {
    const asked: (readonly [string, number])[] = []
    const generate = async ({ model, documents }: ModelRequest) => {
      const size = documents.reduce((sum, { text }) => sum + text.length, 0)
      asked.push([model!, size])
      if (size > 600) throw new TerminalError('too long', { code: 'context_overflow' })
      return answer({ model: model! })
    }
    const end = await step(
      `action: analyze_text\nparameters: { text: "${'x'.repeat(1000)}", models: [a/one, b/two] }`,
      '{{ s.model_used }}',
      generate,
    )
    expect(asked).toEqual([
      ['a/one', 1000],
      ['b/two', 1000],
      ['b/two', 500],
    ])
    const lacks = ['b/two was given 50 % of the text: all of it is too long for this model']
    expect(end.steps.s).toMatchObject({ degraded: true, models: [{ model: 'b/two', lacks }] })
  })

  test('are not asked for what a provider has filtered out', async () => {
    const asked: (string | undefined)[] = []
    const end = await step(
      'action: generate\nparameters: { prompt: x, model: [a/one, b/two] }',
      '',
      async ({ model }) => {
        asked.push(model)
        throw new TerminalError('filtered', { code: 'model_filtered' })
      },
    )
    expect(asked).toEqual(['a/one'])
    expect(end.problem).toMatchObject({ code: 'model_filtered', message: 'filtered' })
  })

  test('when none answers, the step fails with all that was said', async () => {
    const end = await step('action: generate\nparameters: { prompt: x, model: [a/one, b/two] }', '', async () => {
      throw busy
    })
    expect(end.problem).toMatchObject({ code: 'model_unauthorized', message: 'model a is gone; model a is gone' })
  })

  test('a need is put to the choice, and the step says who was chosen and why', async () => {
    const needs: unknown[] = []
    const bench = openWorkshop({
      services: {
        models: {
          ...NAMELESS,
          generate: async ({ model }) => answer({ model: model! }),
          choose: (need) => {
            needs.push(need)
            return { id: 'big/one', why: 'the biggest' }
          },
        },
      },
    })
    const end = await bench.run(`name: x
steps:
  - id: s
    action: generate
    requires_model: { min_size: 7B, expertise: [code], capabilities: [tools], preferred: [big/one], fallback_strategy: cheapest }
    parameters: { prompt: x }`)
    expect(needs).toEqual([
      { minSize: 7, tags: ['code'], capabilities: ['tools'], preferred: ['big/one'], otherwise: 'cheapest' },
    ])
    expect(end.steps.s).toMatchObject({ models: [{ model: 'big/one', why: 'the biggest' }] })
  })

  test('the top of the pipeline names the model of all others', async () => {
    const asked: (string | undefined)[] = []
    const bench = openWorkshop({
      generate: async ({ model }) => {
        asked.push(model)
        return answer()
      },
    })
    await bench.run(`name: x
model: top/one
steps:
  - { id: a, action: generate, parameters: { prompt: x } }
  - { id: b, action: generate, parameters: { prompt: x, model: "{{ 'own' }}/two" } }`)
    expect(asked.toSorted()).toEqual(['own/two', 'top/one'])
  })
})
