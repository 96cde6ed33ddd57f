import { describe, expect, test } from 'vitest'
import type { ModelReply, ModelRequest } from '../../../../src/model/request/request.ts'
import type { Inputs } from '../../../../src/pipeline/plan/inputs.ts'
import { openWorkshop, tool } from '../../workshop.ts'

const LONG = 'A first line about tides.\nA second line about the moon.'

function scripted(reply: Partial<ModelReply> = {}) {
  const requests: ModelRequest[] = []
  const bench = openWorkshop({
    tools: [tool('read', () => ({ content: LONG, name: 'tides' }))],
    async generate(request) {
      requests.push(request)
      return { text: 'an answer', citations: [], usage: { input: 1, output: 1 }, model: 'test/model', ...reply }
    },
  })
  const ask = (parameters: string, action = 'generate_text', inputs: Inputs = {}) =>
    bench.run(
      `name: x
inputs: { n: 3, sentence: "", words: "" }
steps:
  - { id: r, tool: read }
  - id: g
    action: ${action}
    parameters: ${parameters}
outputs: { o: "{{ g }}", result: "{{ g.result }}", model: "{{ g.model_used }}" }`,
      inputs,
    )
  return { ask, requests }
}

describe('generate_text', () => {
  test('answers with the text, and says which model it was', async () => {
    const { ask, requests } = scripted()
    expect((await ask('{ prompt: "Why {{ n }}?" }')).outputs).toEqual({
      o: 'an answer',
      result: 'an answer',
      model: 'test/model',
    })
    expect(requests).toEqual([{ task: { kind: 'write' }, instruction: 'Why 3?', documents: [] }])
  })

  test('hands long values over as documents, named where they stood', async () => {
    const { ask, requests } = scripted()
    await ask('{ prompt: "Summarise {{ r.content }} on {{ r.name }} in three lines." }')
    expect(requests[0]).toMatchObject({
      instruction: 'Summarise [document "r.content"] on tides in three lines.',
      documents: [{ name: 'r.content', text: LONG }],
    })
  })

  test("takes a whole sentence for data, and a few words for a part of the author's", async () => {
    const { ask, requests } = scripted()
    await ask('{ prompt: "Explain {{ sentence }} {{ words }}" }', 'generate_text', {
      sentence: 'The sea rises at noon.',
      words: 'in short',
    })
    expect(requests[0]).toMatchObject({
      instruction: 'Explain [document "sentence"] in short',
      documents: [{ name: 'sentence', text: 'The sea rises at noon.' }],
    })
  })

  test('the same value twice is two documents of different names; a loop over values is one', async () => {
    const { ask, requests } = scripted()
    await ask('{ prompt: "{{ r }} or {{ r }}: {% for i in [1, 2] %}{{ r }}\\n{% endfor %}" }')
    expect(requests[0]!.documents.map(({ name }) => name)).toEqual(['r', 'r (2)', 'r (3)'])
    expect(requests[0]!.instruction).toBe('[document "r"] or [document "r (2)"]: [document "r (3)"]')
  })

  test('warns if a text is the name of a file', async () => {
    const { ask } = scripted()
    const { steps } = await ask('{ text: notes.md, analysis_type: summary }', 'analyze_text')
    expect(steps.g).toMatchObject({ warnings: [expect.stringContaining('text is the name of a .md file')] })
  })

  test('a prompt that sets names of its own is rendered as a whole', async () => {
    const { ask, requests } = scripted()
    await ask('{ prompt: "{% set x = 5 %}Say {{ x }}" }')
    expect(requests[0]).toMatchObject({ instruction: 'Say 5', documents: [] })
  })

  test('passes on model, limits and system, numbers also where templates made them text (A32)', async () => {
    const { ask, requests } = scripted()
    await ask(
      '{ prompt: Go, model: "ollama:llama3.2:1b", temperature: 0.2, system_prompt: Be brief, max_tokens: "{%- if n > 2 -%}200{%- endif %}" }',
    )
    expect(requests[0]).toMatchObject({
      model: 'ollama:llama3.2:1b',
      temperature: 0.2,
      system: 'Be brief',
      maxTokens: 200,
    })
  })

  test('a model that declines fails the step, and the way out is named', async () => {
    const { ask } = scripted({ refused: 'nothing to select from' })
    const end = await ask('{ prompt: Invent something }')
    expect(end).toMatchObject({ status: 'failed', problem: { step: 'g', code: 'model_refused' } })
    expect(JSON.stringify(end.problem)).toMatch(/nothing to select from.*ANTIPHON_MODEL/)
    expect(end.steps.g).toMatchObject({ attempts: 1 })
  })

  test('unknown parameters are refused with the nearest name', async () => {
    const { compile } = openWorkshop()
    const compiling = (parameters: string) => () =>
      compile(`name: x\nsteps: [{ id: g, action: generate_text, parameters: ${parameters} }]`)
    expect(compiling('{ promt: x }')).toThrow(/Did you mean `prompt`/)
  })
})

describe('analyze_text', () => {
  test.each([
    ['{ text: "{{ r }}", analysis_type: sentiment }', 'choose', /sentiment/],
    ['{ text: "{{ r }}", analysis_type: summary }', 'summarise', /Summarise/],
    ['{ text: "{{ r }}", analysis_type: key_points }', 'summarise', /List the key points/],
    ['{ text: "{{ r }}", analysis_type: topics }', 'list', /topics/],
    ['{ text: "{{ r }}" }', 'summarise', /Summarise/],
    ['{ text: "{{ r }}", prompt: "What rises?" }', 'write', /What rises/],
  ])('%s', async (parameters, kind, says) => {
    const { ask, requests } = scripted()
    await ask(parameters, 'analyze_text')
    expect(requests[0]).toMatchObject({ task: { kind }, documents: [{ name: 'text', text: LONG }] })
    expect(requests[0]!.instruction).toMatch(says)
  })
})
