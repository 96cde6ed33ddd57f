import { expect, it } from 'vitest'
import { compileText } from '../../src/pipeline/language/compile.ts'
import { routingTools } from '../../src/pipeline/tools/model-routing.ts'
import { builtinTools } from '../../src/tool/builtin/tools.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'
import { useMock } from '../model/mock.ts'
import { openFolder } from './inspect/folder.ts'

const server = useMock()
const { mock } = server

/** A folder with three models: a dear and able one, a cheap one for code, and the offline one. */
async function openModels() {
  const folder = openFolder()
  folder.write(
    'antiphon.yaml',
    [
      `providers: { lab: { type: openai-compatible, baseURL: '${server.url}/v1' } }`,
      'paidModels: true',
      'models:',
      '  - { id: lab/large, expertise: very-high, cost: { input: 10, output: 30 }, latencyMs: 900 }',
      '  - { id: lab/small, expertise: medium, cost: { input: 1, output: 3 }, aliases: [little], capabilities: [writing] }',
    ].join('\n'),
  )
  const runtime = await folder.open()
  return async (tool: string, parameters: object) => {
    const step = { id: 's', tool, parameters }
    folder.write('p.yaml', JSON.stringify({ name: 'p', steps: [step], outputs: { all: '{{ s.result }}' } }))
    const { id } = await runtime.runs.start({ file: folder.path('p.yaml') })
    await runtime.idle()
    const { outputs, steps } = await runtime.runs.get(id)
    return { result: (outputs as { all: Record<string, unknown> } | undefined)?.all, step: steps.s! }
  }
}

it('task-delegation chooses by price and ability, and asks no model', async () => {
  const run = await openModels()
  const able = await run('task-delegation', { task: 'Write a function', cost_weight: 0, quality_weight: 1 })
  expect(able.result).toMatchObject({
    selected_model: 'lab/large',
    score: 1,
    // 8 tokens in, and 200 out for a simple task
    estimated_cost: (8 * 10 + 200 * 30) / 1_000_000,
    estimated_latency: 900,
    task_analysis: { task_type: 'code', complexity: 'simple' },
    fallback_models: ['lab/small', 'offline/extractive'],
    all_scores: [
      { model: 'lab/large', score: 1, reasons: [expect.stringContaining('it has')] },
      { model: 'lab/small', score: 0.25 },
      { model: 'offline/extractive', score: 0 },
    ],
  })
  const cheap = await run('task-delegation', {
    task: 'Write a function',
    cost_weight: 1,
    quality_weight: 0,
    fallback_enabled: false,
    requirements: { expertise: 'medium', domain: 'law' },
  })
  expect(cheap.result).toMatchObject({ selected_model: 'lab/small', fallback_models: [] })
  expect(cheap.step.warnings).toEqual(['requirements: unknown key `domain`, which is ignored'])
  expect(cheap.result!.all_scores).not.toContainEqual(expect.objectContaining({ model: 'offline/extractive' }))
  const near = await run('task-delegation', { task: 'Write it', requirements: { capabilities: ['ghost-writing'] } })
  expect(near.result).toMatchObject({ selected_model: 'lab/small' })
  expect(near.step.warnings).toEqual([
    'No model meets the requirements exactly (lab/small: capability ghost-writing missing, though it has writing).',
  ])
  expect(mock.getRequests()).toEqual([])
})

it('multi-model-routing chooses for a request among the models that are named, by its strategy', async () => {
  const run = await openModels()
  const request = { request: 'Compare the two', models: ['little', 'lab/large'] }
  expect(
    (await run('multi-model-routing', { ...request, action: 'execute', strategy: 'cost_optimized' })).result,
  ).toMatchObject({
    selected_model: 'lab/small',
    strategy: 'cost',
    current_load: 0,
    routing_reason: expect.stringContaining('a call is expected to cost $'),
  })
  expect(
    (await run('multi-model-routing', { ...request, action: 'execute', strategy: 'quality' })).result,
  ).toMatchObject({
    selected_model: 'lab/large',
  })
})

it('multi-model-routing chooses for each task, and tells what all of them are expected to cost', async () => {
  const run = await openModels()
  const tasks = ['Translate this', { task: 'Analyse that' }]
  const { result } = await run('multi-model-routing', { action: 'route', tasks, strategy: 'quality' })
  expect(result).toMatchObject({
    recommendations: [
      { task: 'Translate this', model: 'lab/large', task_type: 'translation' },
      { task: 'Analyse that', model: 'lab/large', task_type: 'analysis' },
    ],
    models_selected: ['lab/large'],
  })
  expect(result!.total_estimated_cost).toBeCloseTo(0.01213, 5)
})

it('multi-model-routing spreads tasks, so many for each model in a round', async () => {
  const run = await openModels()
  const given = { tasks: ['a', 'b', 'c', 'd'], models: ['lab/large', 'lab/small'], max_concurrent: 1 }
  const { result } = await run('multi-model-routing', {
    action: 'optimize_batch',
    optimization_goal: 'quality',
    ...given,
  })
  expect((result!.results as { model: string }[]).map(({ model }) => model)).toEqual([
    ...['lab/large', 'lab/small', 'lab/large', 'lab/small'],
  ])
  expect(result).toMatchObject({ models_used: ['lab/large', 'lab/small'] })
  expect(result!.average_cost).toBeCloseTo((result!.total_cost as number) / 4, 12)
})

it('warns of a requirement that is not known before the run, too', () => {
  const findingsOf = (requirements: string) =>
    compileText(
      `name: x\ninputs: { n: [a] }\nsteps: [{ id: a, tool: task-delegation, parameters: { task: t, requirements: ${requirements} } }]`,
      { file: 'p.yaml', toolbox: createToolbox([...builtinTools, ...routingTools] as never) },
    ).findings
  expect(findingsOf('{ capabilities: "{{ n }}" }')).toEqual([])
  expect(findingsOf('{ capabilities: { vision: 1 } }')).toMatchObject([
    { code: 'would_fail', message: expect.stringContaining('requirements.capabilities: `capabilities`: expected') },
  ])
  expect(findingsOf('{ domain: law }')).toMatchObject([
    { code: 'unknown_key', severity: 'warning', message: 'requirements: unknown key `domain`, which is ignored' },
  ])
})

it.each([
  ['task-delegation', { task: 'x', requirements: 'vision' }, 'no_eligible_model', 'modality vision missing'],
  [
    'task-delegation',
    { task: 'x', requirements: { min_size: [] } },
    'bad_value',
    'requirements.min_size: `min_size`: expected',
  ],
  [
    'multi-model-routing',
    { action: 'execute', request: 'x', strategy: 'random' },
    'bad_value',
    'balanced, cost, quality',
  ],
  ['multi-model-routing', { action: 'route' }, 'bad_value', 'Expected parameters.request or parameters.tasks.'],
  [
    'multi-model-routing',
    { action: 'execute', request: 'x', models: ['lab/x'] },
    'no_eligible_model',
    'No model meets the requirements (lab/x: it has no description under `models:`',
  ],
])('%s with %j fails by name: %s', async (tool, parameters, code, message) => {
  const run = await openModels()
  const { step } = await run(tool, parameters)
  expect(step).toMatchObject({ status: 'failed', error_code: code, error: expect.stringContaining(message) })
})

it('prompt-optimization has a model rewrite a prompt, and counts what that saves', async () => {
  const said = {
    optimized_prompt: 'Sum up {{ text }}.',
    applied_optimizations: ['brevity'],
    recommendations: ['Say how long.'],
  }
  mock.onMessage(/Goals: brevity/, { content: JSON.stringify(said) })
  const run = await openModels()
  const prompt = 'Could you please be so kind and sum up the text'
  const { result, step } = await run('prompt-optimization', { prompt, model: 'little', optimization_goal: 'brevity' })
  expect(result).toEqual({
    ...said,
    metrics: { original_tokens: 24, optimized_tokens: 9, reduction_percentage: 62.5 },
  })
  expect(step).toMatchObject({ model: 'lab/small' })
  const sent = JSON.stringify(mock.getRequests()[0]!.body)
  expect(sent).toContain(prompt)
  expect(sent).toContain('It must ask for the same as before.')
})
