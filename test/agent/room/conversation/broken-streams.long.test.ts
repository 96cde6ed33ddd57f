import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadConfig } from '../../../../src/config/config.ts'
import { createRuntime } from '../../../../src/runtime/open/create-runtime.ts'
import type { Runtime } from '../../../../src/runtime/ports.ts'
import { CLERK } from '../../goal/folder.ts'

type Protocol = { readonly type: string; frames(text: string): readonly object[]; readonly end: readonly object[] }

const CHAT: Protocol = {
  type: 'openai-compatible',
  frames: (content) => [chunk({ content }, null)],
  end: [{ ...chunk({}, 'stop'), usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } }],
}
const ANTHROPIC: Protocol = {
  type: 'anthropic',
  frames: (text) => [{ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }],
  end: [
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } },
    { type: 'message_stop' },
  ],
}
const BEGIN = [
  {
    type: 'message_start',
    message: {
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: 'small',
      content: [],
      usage: { input_tokens: 7, output_tokens: 1 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
]

function chunk(delta: object, finish: string | null): object {
  const choices = [{ index: 0, delta, finish_reason: finish }]
  return { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'small', choices }
}

type Break = 'reset' | 'half of an event'

/** A runtime whose model breaks these streams in the middle, by their number from 1. */
async function openBreaking({ type, frames, end }: Protocol, breaks: readonly number[], how: Break = 'reset') {
  let asked = 0
  const write = (response: ServerResponse, events: readonly object[]) =>
    new Promise<unknown>((resolve) => {
      const text = events.map((event) => `${eventLine(event)}data: ${JSON.stringify(event)}\n\n`).join('')
      response.write(text, resolve)
    })
  const server = createServer(async (request, response) => {
    await request.resume().toArray()
    const isBroken = breaks.includes(++asked)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    await write(response, [...(type === 'anthropic' ? BEGIN : []), ...frames('It ')])
    if (isBroken && how === 'reset') {
      // what was written arrives before the reset
      await new Promise((resolve) => setTimeout(resolve, 20))
      response.destroy()
    } else if (isBroken) response.end('data: {"half": "of i')
    else {
      await write(response, [...frames('rains.'), ...end])
      response.end()
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-breaks-'))
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const provider = `providers:\n  lab: { type: ${type}, baseURL: '${baseURL}', keyEnv: LAB_KEY }\n`
  const facts = 'models: [{ id: lab/small, context: 32000, tools: true, cost: { input: 1, output: 1 } }]\n'
  writeFileSync(join(folder, 'antiphon.yaml'), `model: lab/small\n${provider}${facts}`)
  const config = await loadConfig({ folder, environment: { LAB_KEY: 'sk-12345678' } })
  const runtime = await createRuntime({ ...config, embedder: 'none' })
  onTestFinished(async () => {
    await runtime.stop({ grace: 0 })
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  return { runtime, asked: () => asked }
}

const eventLine = (event: object) => ('type' in event ? `event: ${event.type}\n` : '')

/** Follows the text of some work while it goes on. */
async function heardOf<T>({ inspector }: Runtime, id: string, work: () => Promise<T>) {
  const leaving = new AbortController()
  const heard: object[] = []
  const listening = (async () => {
    for await (const delta of inspector.deltas(id, leaving.signal)) heard.push(delta as object)
  })()
  const result = await work()
  leaving.abort()
  await listening
  return { result, heard }
}

const reason = expect.stringMatching(/^(?:Model lab\/small failed: |The reply of lab\/small ended early)/)

/** The text of a broken stream, and of the next one. */
const restarted = (place: object) => [
  { type: 'text-delta', ...place, text: 'It ', at: 0 },
  { type: 'text-restart', ...place, reason },
  { type: 'text-delta', ...place, text: 'It ', at: 0 },
  { type: 'text-delta', ...place, text: 'rains.', at: 3 },
]

const STEP = `name: p
steps:
  - { id: a, action: generate, parameters: { prompt: "How is the weather?" } }
`
const start = (runtime: Runtime, id: string) => async () => {
  await runtime.runs.start({ source: { text: STEP }, id })
  await runtime.idle()
  return runtime.runs.get(id)
}

describe.each([
  ['chat completions', CHAT],
  ['the format of Anthropic', ANTHROPIC],
] as const)('a stream of %s that breaks', (_, protocol) => {
  it.each(['reset', 'half of an event'] as const)('is asked for once more (%s)', async (how) => {
    const { runtime, asked } = await openBreaking(protocol, [1], how)
    const work = async () => {
      await runtime.goals.start({ agent: CLERK, goal: 'Look out.', id: 'g' })
      await runtime.idle()
      return runtime.goals.get('g')
    }
    const { result, heard } = await heardOf(runtime, 'g', work)
    expect(result).toMatchObject({ status: 'completed', answer: 'It rains.' })
    expect(heard).toEqual(restarted({ round: 1 }))
    expect(asked()).toBe(2)
    // the goal pays for both calls
    expect(result.tokens).toBeGreaterThan(10)
  })

  it('twice is reported, and a goal waits for a person instead of asking on', async () => {
    const { runtime, asked } = await openBreaking(protocol, [1, 2])
    const message = { conversation: 'talk', agent: CLERK, text: 'Look out.', id: 'm1', interactive: true }
    await runtime.conversations.post(message)
    await runtime.idle()
    expect(await runtime.conversations.get('talk', 'm1')).toMatchObject({ status: 'waiting', for: 'person' })
    const { wait } = await runtime.goals.get('talk.m1')
    expect(wait).toMatchObject({ type: 'model', code: 'model_stream_broken', title: expect.stringContaining('twice') })
    expect(asked()).toBe(2)
    await runtime.goals.resume('talk.m1')
    expect(await runtime.conversations.send(message)).toMatchObject({ status: 'completed', answer: 'It rains.' })
    expect(asked()).toBe(3)
  })

  it('once more for a step, and twice fails it without a retry', async () => {
    const { runtime, asked } = await openBreaking(protocol, [1, 3, 4])
    const first = await heardOf(runtime, 'r1', start(runtime, 'r1'))
    expect(first.result).toMatchObject({ status: 'completed' })
    expect(first.heard).toEqual(restarted({ step: 'a' }))
    const { status, steps } = await start(runtime, 'r2')()
    expect([status, steps.a]).toMatchObject(['failed', { error: expect.stringContaining('twice') }])
    expect(asked()).toBe(4)
  })

  it('once more for a question, and twice fails it', async () => {
    const { runtime, asked } = await openBreaking(protocol, [1, 3, 4])
    const ask = (id: string) => () => runtime.threads.ask({ prompt: 'Does it rain?', thread: 't', quick: true, id })
    const { result, heard } = await heardOf(runtime, 'q1', ask('q1'))
    expect(result).toMatchObject({ answer: 'It rains.' })
    expect(heard).toEqual(restarted({ phase: 'yield' }))
    await expect(ask('q2')()).rejects.toMatchObject({ code: 'model_stream_broken' })
    expect(asked()).toBe(4)
  })
})
