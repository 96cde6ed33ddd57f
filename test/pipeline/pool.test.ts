import { expect, test } from 'vitest'
import { RetryableError, TerminalError } from '../../src/errors.ts'
import type { ModelReply, ModelRequest } from '../../src/model/request/request.ts'
import type { PipelineServices } from '../../src/pipeline/step/context.ts'
import { NAMELESS, poolsOf, stepPool } from '../worker/pools.ts'
import { openWorkshop } from './workshop.ts'

const answer = (model = 'test/model'): ModelReply => ({
  text: 'yes',
  citations: [],
  usage: { input: 1, output: 1 },
  model,
})

type Generate = PipelineServices['models']['generate']

/** A pool of steps, and how to run a step that names models in it. */
function openSteps(generate: Generate, services: Partial<PipelineServices> = {}) {
  const pool = stepPool(4, 100)
  const bench = openWorkshop({
    services: { pool, models: { ...NAMELESS, generate, choose: () => ({ id: '', why: '' }) }, ...services },
  })
  const step = (models: string, more = '') =>
    bench.run(`name: x\nsteps:\n  - { id: s, action: generate, parameters: { prompt: x, model: ${models} }${more} }`)
  return { ...bench, pool, step }
}

test('each model of a step is a task of its own, on its own worker', async () => {
  const { pool, step } = openSteps(async ({ model }) => {
    if (model !== 'c/three') throw new TerminalError('gone', { code: 'model_unauthorized' })
    return answer(model)
  })
  expect(await step('[a/one, b/two, c/three]')).toMatchObject({ status: 'completed' })
  const { done, failed, fallbacks, each } = pool.report()
  expect([done, failed, fallbacks]).toEqual([1, 2, 2])
  expect(each.map(({ id, done, failed }) => [id, done, failed])).toEqual([
    ['hands', 0, 0],
    ['a/one', 0, 1],
    ['b/two', 0, 1],
    ['c/three', 1, 0],
  ])
})

test('a tool is called by the hands of the pool, whatever models it knows', async () => {
  const { pool, run } = openSteps(async ({ model }) => answer(model))
  await run(`name: y
steps:
  - { id: s, tool: say, parameters: { x: 1 } }
  - { id: t, action: generate, dependencies: [s], parameters: { prompt: x, model: a/one } }`)
  expect(pool.report().each.map(({ id, done }) => [id, done])).toEqual([
    ['hands', 1],
    ['a/one', 1],
  ])
})

test('one that has failed too often is passed over, and told', async () => {
  const asked: string[] = []
  const { run } = openSteps(async ({ model }) => {
    asked.push(model!)
    if (model === 'a/one') throw new RetryableError('down', { code: 'model_unavailable' })
    return answer(model)
  })
  const one = (id: number) => `
  - { id: s${id}, action: generate, dependencies: [${id > 1 ? `s${id - 1}` : ''}], parameters: { prompt: x, model: [a/one, b/two] } }`
  const { steps } = await run(`name: x\nsteps:${[1, 2, 3, 4].map(one).join('')}`)
  expect(asked.filter((model) => model === 'a/one')).toHaveLength(3)
  const instead_of = [{ model: 'a/one', code: 'workers_unhealthy' }]
  expect(steps.s4).toMatchObject({ degraded: true, models: [{ model: 'b/two', instead_of }] })
})

test('all models of a step have its time together', async () => {
  const asked: string[] = []
  let now = 0
  const { step } = openSteps(
    ({ model }, { signal }) =>
      new Promise((_, reject) => {
        asked.push(model!)
        const late = () => {
          // the timer goes off a little early by this clock
          now = 49.4
          reject(signal.reason)
        }
        signal.addEventListener('abort', late, { once: true })
      }),
    { elapsed: () => now },
  )
  const end = await step('[a/one, b/two]', ', timeout: 0.05, max_retries: 1')
  expect(end.problem).toMatchObject({ code: 'timeout' })
  expect(asked).toEqual(['a/one'])
})

test('the pool may say who answers where nobody is named', async () => {
  const { pool } = poolsOf({ models: ['house/one', 'house/two'] }).find({ phase: 'step', modality: 'text' })
  const asked: (string | undefined)[] = []
  const generate = async ({ model }: ModelRequest) => {
    asked.push(model)
    if (model === 'house/one') throw new TerminalError('gone')
    return answer(model)
  }
  const { run } = openWorkshop({ generate, services: { pool } })
  const end = await run('name: x\nsteps:\n  - { id: s, action: generate, parameters: { prompt: x } }')
  expect(asked).toEqual(['house/one', 'house/two'])
  expect(end.steps.s).toMatchObject({ models: [{ model: 'house/two', why: 'what text_step_pool asks' }] })
})
