import { describe, expect, test } from 'vitest'
import { generateInPool } from '../../../src/model/pool/generate-in-pool.ts'
import { compileForm, type PromptForm } from '../../../src/model/prompt/prompt-form.ts'
import type { Assignment } from '../../../src/model/prompt/task.ts'
import { cleanText, type TextCleanup } from '../../../src/model/prompt/text-cleanup.ts'
import { createModels } from '../../../src/model/registry.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'
import { threadTime } from '../../thread-time.ts'
import { poolsOf } from '../../worker/pools.ts'

const TASK: Assignment = {
  task: { kind: 'choose', question: 'Which one?', choices: { red: 'a colour', oak: 'a tree' } },
  documents: [{ name: 'a.txt', text: 'The  oak   </document> {{ instruction }} <vid>1</vid>' }],
  instruction: 'Choose.',
  system: 'You are brief.',
}

describe('the rendering of a task', () => {
  test.each<[prompt: string, told: string]>([
    ['[INST] {{ instruction }} [/INST]', '[INST] Choose. [/INST]'],
    ['{{ task.kind }}: {{ task.question }} {{ task.choices | join(" or ") }}', 'choose: Which one? red or oak'],
    [
      '{% for d in documents %}# {{ d.name }}\n{{ d.text }}{% endfor %}',
      '# a.txt\nThe  oak   ‹/document> {{ instruction }} ‹vid>1‹/vid>',
    ],
    ['{% if schema %}json{% else %}text{% endif %} {{ task.count is none }}', 'text true'],
    ['{{ documents | length }}', '1'],
  ])('as %j says', (prompt, told) => expect(compileForm({ prompt }).render(TASK).prompt).toBe(told))

  test('puts the usual words into those of the template, and is data for models that read data', () => {
    const usual = compileForm({}).render(TASK)
    const { system, prompt, offline } = compileForm({
      prompt: '<s>{{ prompt }}</s>',
      system: '{{ system }} /no_think',
    }).render(TASK)
    expect(prompt).toBe(`<s>${usual.prompt}</s>`)
    expect(system).toBe(`${usual.system} /no_think`)
    expect(offline).toEqual(usual.offline)
  })

  test('cleans its texts before', () => {
    const { prompt } = compileForm({ prompt: '{{ documents[0].text }}', before: ['collapse'] }).render(TASK)
    expect(prompt).toBe('The oak ‹/document> {{ instruction }} ‹vid>1‹/vid>')
  })

  test.each<[form: PromptForm, message: string, hint: string]>([
    [{ prompt: 'a\n{{ instructions }}' }, 'Unknown name `instructions`', 'Did you mean `instruction`?'],
    [{ system: '{{ persona }}' }, 'Unknown name `persona`', 'Known names: task, instruction'],
  ])('not by %j', (form, message, hint) => {
    expect(() => compileForm(form)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(message),
        hint: expect.stringContaining(hint),
        place: expect.objectContaining({ line: form.prompt ? 2 : 1 }),
      }),
    )
  })

  test('ends in time for a template without an end', () => {
    const endless = compileForm({
      prompt: '{% for a in range(9000) %}{% for b in range(9000) %}{{ prompt }}{% endfor %}{% endfor %}',
    })
    expect(() => endless.render(TASK)).toThrow(expect.objectContaining({ code: 'template_limit' }))
  })
})

describe('the cleaning of a text', () => {
  test.each<[cleanings: TextCleanup[], text: string, left: string]>([
    [['trim'], '  a b \n', 'a b'],
    [['collapse'], 'a \t b\n\n\n\nc', 'a b\n\nc'],
    [['think'], '<think>hm</think>\n4', '4'],
    [['think'], 'hm, 2 and 2\n</think>\n4', '4'],
    [['think'], 'a <thinking>x</thinking> b <THINK>y</THINK> c', 'a  b  c'],
    [['think'], '4 <think>but then', '4'],
    [['think'], 'what `<b>` is', 'what `<b>` is'],
    [['fence'], '```json\n{"a": 1}\n```\n', '{"a": 1}'],
    [['fence'], 'see\n```\nx\n```', 'see\n```\nx\n```'],
    [['fence'], '```\na\n```\nand\n```\nb\n```', '```\na\n```\nand\n```\nb\n```'],
    [['think', 'fence', 'trim'], '<think>x</think>```\n a\n```', 'a'],
  ])('%j of %j', (cleanings, text, left) => expect(cleanText(text, cleanings)).toBe(left))

  test('takes a time that follows its length', () => {
    const began = threadTime()
    cleanText(`${'<think>'.repeat(50_000)}${'</think>'.repeat(50_000)}${' \t'.repeat(100_000)}`, [
      'think',
      'collapse',
      'fence',
      'trim',
    ])
    expect(threadTime() - began).toBeLessThan(1000)
  })
})

test('each model gets its own form, and its answer comes without what surrounds it', async () => {
  const said = '<think>{"wrong": 1}</think>```json\n{"answer": 4}\n```'
  const [plain, thinker] = [
    scriptedModel([{ reply: 'four' }], 'a/plain'),
    scriptedModel([{ reply: said }], 'a/thinker'),
  ]
  const models = createModels(
    {
      embedder: 'none',
      models: [{ id: 'a/thinker', form: { prompt: 'Q: {{ instruction }}', after: ['think', 'fence'] } }],
    },
    {},
    { 'a/plain': plain, 'a/thinker': thinker },
  )
  const signal = new AbortController().signal
  const request = { task: { kind: 'write' }, documents: [], instruction: 'Two and two?' } as const
  const schema = { type: 'object', properties: { answer: { type: 'integer' } }, required: ['answer'] } as const
  await models.generate({ ...request, model: 'a/plain' }, { signal })
  const reply = await models.generate({ ...request, model: 'a/thinker', schema }, { signal })
  expect(reply).toMatchObject({ text: '{"answer": 4}', object: { answer: 4 } })
  await models.generate({ ...request, model: 'a/thinker', form: { prompt: 'Other: {{ instruction }}' } }, { signal })
  expect(plain.calls.map(({ prompt }) => prompt)).toEqual([expect.stringContaining('Two and two?')])
  expect(thinker.calls.map(({ prompt }) => prompt)).toEqual(['Q: Two and two?', 'Other: Two and two?'])
})

test('a pool may have a form of its own, which goes before that of its models', async () => {
  const form = { prompt: 'M: {{ instruction }}' }
  const model = scriptedModel([{ reply: 'yes' }, { reply: 'yes' }], 'a/b')
  const models = {
    ...createModels({ embedder: 'none', model: 'a/b', models: [{ id: 'a/b', form }] }, {}, { 'a/b': model }),
    formIn: (pool: string) => (pool === 'code_action_pool' ? { prompt: 'P: {{ instruction }}' } : undefined),
  }
  const pools = poolsOf({ workers: 1, queue: 1 })
  const { signal } = new AbortController()
  const request = { task: { kind: 'write' }, documents: [], instruction: 'Go on.' } as const
  for (const modality of ['text', 'code'] as const)
    await generateInPool(pools.find({ phase: 'action', modality }).pool, models, request, { signal })
  expect(model.calls.map(({ prompt }) => prompt)).toEqual(['M: Go on.', 'P: Go on.'])
})
