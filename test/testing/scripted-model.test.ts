import { generateText, isStepCount, streamText, tool } from 'ai'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { scriptedModel } from '../../src/testing/scripted-model.ts'

const ask = (model: ReturnType<typeof scriptedModel>, prompt: string) => generateText({ model, prompt, maxRetries: 0 })

describe('scriptedModel', () => {
  it('replies by the first turn that matches: a text, a pattern, a test, or anything', async () => {
    const model = scriptedModel([
      { match: 'weather', reply: 'rain' },
      { match: /^\d+$/, reply: 'a number' },
      { match: (prompt) => prompt.length > 20, reply: 'long' },
      { reply: { any: true } },
    ])
    const replies = ['what weather?', '42', 'x'.repeat(30), 'else'].map(
      async (prompt) => (await ask(model, prompt)).text,
    )
    expect(await Promise.all(replies)).toEqual(['rain', 'a number', 'long', '{"any":true}'])
  })

  it('records its calls', async () => {
    const model = scriptedModel([{ reply: 'ok' }])
    await ask(model, 'first')
    await ask(model, 'second')
    expect(model.calls.map(({ prompt }) => prompt)).toEqual(['first', 'second'])
  })

  it('takes a turn no more often than it says', async () => {
    const model = scriptedModel([{ error: new Error('busy'), times: 1 }, { reply: 'ok' }])
    await expect(ask(model, 'a')).rejects.toThrow('busy')
    expect((await ask(model, 'a')).text).toBe('ok')
  })

  it('waits for its gate', async () => {
    const gate = Promise.withResolvers<void>()
    const order: string[] = []
    const running = ask(scriptedModel([{ reply: 'ok', gate: gate.promise }]), 'a').then(() => order.push('reply'))
    order.push('opened')
    gate.resolve()
    await running
    expect(order).toEqual(['opened', 'reply'])
  })

  it('streams its reply', async () => {
    const { textStream } = streamText({ model: scriptedModel([{ reply: 'a b c' }]), prompt: 'x' })
    const deltas: string[] = []
    for await (const delta of textStream) deltas.push(delta)
    expect(deltas).toEqual(['a ', 'b ', 'c'])
  })

  it('asks for tools, and gets their results', async () => {
    const model = scriptedModel([
      { match: /"value":4/, reply: 'four' },
      { match: 'x', calls: [{ name: 'add', input: { a: 2, b: 2 } }] },
    ])
    const add = tool({
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      execute: ({ a, b }) => a + b,
    })
    const { text } = await generateText({ model, prompt: 'x', tools: { add }, stopWhen: isStepCount(3) })
    expect(text).toBe('four')
  })

  it('says when the script has nothing for a prompt', async () => {
    await expect(ask(scriptedModel([{ match: 'x', reply: 'y' }]), 'hello')).rejects.toMatchObject({
      name: 'InvalidError',
      message: expect.stringContaining('hello'),
    })
  })
})
