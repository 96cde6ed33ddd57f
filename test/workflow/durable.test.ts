import { createOpenAI } from '@ai-sdk/openai'
import { generateText, stepCountIs, streamText, ToolLoopAgent, tool } from 'ai'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import type { WorkflowContext } from '../../src/workflow/definition/context.ts'
import { durable } from '../../src/workflow/definition/durable.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { makeFolder, openRuns } from './open-runs.ts'

const flow = (run: (ctx: WorkflowContext) => Promise<unknown>) =>
  defineWorkflow({ name: 'flow', input: z.any(), run: (ctx) => run(ctx) })

/** A model that looks at the weather of two cities at once, and then answers. */
const weatherModel = () =>
  scriptedModel([
    { match: 'sunny in Rome', reply: 'Rome is sunny.' },
    {
      match: 'Where',
      calls: [
        { name: 'weather', input: { city: 'Rome' } },
        { name: 'weather', input: { city: 'Oslo' } },
      ],
      usage: { input: 100, output: 10 },
    },
  ])

function weatherTool(asked: string[]) {
  return tool({
    description: 'The weather of a city',
    inputSchema: z.object({ city: z.string() }),
    async execute({ city }) {
      asked.push(city)
      await new Promise((resolve) => setTimeout(resolve, city === 'Rome' ? 5 : 0))
      return `${city === 'Rome' ? 'sunny' : 'rainy'} in ${city}`
    },
  })
}

const ASK = { prompt: 'Where is the sun?', stopWhen: stepCountIs(5) }

describe('durable', () => {
  it('makes each call of the AI SDK once, as a step of the run', async () => {
    const asked: string[] = []
    const model = weatherModel()
    const run = async (ctx: WorkflowContext) => {
      const tools = durable({ weather: weatherTool(asked) }, ctx)
      const { text, steps, totalUsage } = await generateText({ ...ASK, model: durable(model, ctx), tools })
      await ctx.signal('go')
      return { text, steps: steps.length, input: totalUsage.inputTokens }
    }
    const folder = makeFolder()
    const first = await openRuns({ workflows: [flow(run)], models: { 'scripted/model': model } }, folder)
    await first.start('flow')
    await first.runtime.idle()
    await first.stop()
    // another process replays the calls
    const second = await openRuns({ workflows: [flow(run)], models: { 'scripted/model': model } }, folder)
    await second.runs.resume('r')
    await second.runs.signal('r', 'go', null)
    const document = await second.ended()
    expect(document).toMatchObject({ status: 'completed', outputs: { result: { text: 'Rome is sunny.', steps: 2 } } })
    expect([model.calls.length, asked]).toEqual([2, ['Rome', 'Oslo']])
    expect(Object.keys(document.steps)).toEqual(['model', 'tool-weather', 'tool-weather#2', 'model#2', 'wait-go'])
    expect(document.steps.model!.models).toMatchObject([{ model: 'scripted/model', input: 100, output: 10 }])
  })

  it('streams to the followers of a run, and gives the function the whole reply', async () => {
    const model = weatherModel()
    const { runtime, start, ended } = await openRuns({
      workflows: [
        flow(async (ctx) => {
          const tools = durable({ weather: weatherTool([]) }, ctx)
          const stream = streamText({ ...ASK, model: durable(model, ctx), tools })
          let said = ''
          for await (const text of stream.textStream) said += text
          return { said, reason: await stream.finishReason }
        }),
      ],
    })
    const texts: string[] = []
    const follower = new AbortController()
    const followed = (async () => {
      for await (const delta of runtime.engine.view.deltas('r', follower.signal))
        texts.push((delta as { text: string }).text)
    })()
    await start('flow')
    expect((await ended()).outputs).toEqual({ result: { said: 'Rome is sunny.', reason: 'stop' } })
    follower.abort()
    await followed.catch(() => {})
    expect(texts).toEqual(['Rome ', 'is ', 'sunny.'])
  })

  it('makes an agent of the SDK durable', async () => {
    const asked: string[] = []
    const { start, ended } = await openRuns({
      workflows: [
        flow(async (ctx) => {
          const agent = new ToolLoopAgent({
            model: durable(weatherModel(), ctx),
            tools: durable({ weather: weatherTool(asked) }, ctx),
          })
          return (await agent.generate({ prompt: ASK.prompt })).text
        }),
      ],
    })
    await start('flow')
    expect((await ended()).outputs).toEqual({ result: 'Rome is sunny.' })
    expect(asked).toEqual(['Rome', 'Oslo'])
  })

  it.each([
    ['its step may be repeated', { retry: { attempts: 1, delay: 1 } }, 2],
    ['it is pure', { effect: 'pure' }, 3],
    ['nothing says that it may be repeated', undefined, 1],
  ] as const)('gives the model the error of a tool after its attempts: %s', async (_, options, count) => {
    let attempts = 0
    const model = scriptedModel([
      { match: 'is broken', reply: 'It is broken.' },
      { match: 'Where', calls: [{ name: 'weather', input: {} }] },
    ])
    const weather = tool({
      inputSchema: z.object({}),
      execute(): string {
        attempts++
        throw new Error('the station is broken')
      },
    })
    const { start, ended } = await openRuns({
      workflows: [
        flow(async (ctx) => {
          const tools = durable({ weather }, ctx, options)
          return (await generateText({ ...ASK, model: durable(model, ctx), tools })).text
        }),
      ],
    })
    await start('flow')
    expect((await ended()).outputs).toEqual({ result: 'It is broken.' })
    expect(attempts).toBe(count)
  })

  it('throws the error of a call that failed for good, with a code of ours', async () => {
    const error = Object.assign(new Error('bad key'), { statusCode: 401, isRetryable: false })
    const { start, ended } = await openRuns({
      workflows: [
        flow(async (ctx) => (await generateText({ ...ASK, model: durable(scriptedModel([{ error }]), ctx) })).text),
      ],
    })
    await start('flow')
    expect(await ended()).toMatchObject({ status: 'failed', error_code: 'model_unauthorized' })
  })

  it('tells that a tool of the provider runs within its call', async () => {
    const model = scriptedModel([{ reply: 'Found.' }])
    const { start, ended, eventsOf } = await openRuns({
      workflows: [
        flow(async (ctx) => {
          const tools = durable({ search: createOpenAI({ apiKey: 'none' }).tools.webSearch() }, ctx)
          return (await generateText({ ...ASK, model: durable(model, ctx), tools })).text
        }),
      ],
    })
    await start('flow')
    await ended()
    expect(await eventsOf()).toContainEqual({
      type: 'workflow-log',
      text: 'The provider runs search within a call of its model. A call that a crash cuts off is made again with it.',
    })
  })

  it('is paid by the budgets of the run, at the price of its model', async () => {
    const model = scriptedModel([{ reply: 'Paid.', usage: { input: 1000, output: 1000 } }])
    const run = async (ctx: WorkflowContext) =>
      (await generateText({ ...ASK, model: durable(model, ctx), maxOutputTokens: 2000 })).text
    const { runtime, start, ended } = await openRuns({ workflows: [flow(run)], models: { 'lab/own': model } })
    await runtime.budgets.set('owner/local', 1)
    await start('flow')
    expect(await ended()).toMatchObject({ status: 'failed', error_code: 'no_price' })
    expect(model.calls).toHaveLength(0)
    const prices = { models: [{ id: 'lab/own', cost: { input: 100, output: 100 } }] }
    const paying = await openRuns({ workflows: [flow(run)], models: { 'lab/own': model } }, makeFolder(), prices)
    await paying.runtime.budgets.set('owner/local', 1)
    await paying.start('flow')
    expect((await paying.ended()).outputs).toEqual({ result: 'Paid.' })
    expect(await paying.runtime.budgets.get('owner/local')).toMatchObject({ spent: 0.2 })
    expect(model.calls[0]!.options.maxOutputTokens).toBe(2000)
  })

  it('refuses what is neither a model nor a map of tools', () => {
    const ctx = {} as WorkflowContext
    expect(() => durable(scriptedModel([]), ctx)).toThrow('expected the ctx of the workflow')
  })
})
