import { HttpAgent, type Message } from '@ag-ui/client'
import { describe, expect, it } from 'vitest'
import type { ReplyPorts } from '../../../src/agent/room/conversation/reply.ts'
import { agUiStream } from '../../../src/http/frontend/streams.ts'
import { delta, done, failed, LAMP, MESSAGE, portsOf, REPLIES, restart, round, roundEnd, start } from './events.ts'

const GO: Message = { id: 'u1', role: 'user', content: 'Go.' }

/** What the client of AG-UI has after a run: its messages, the result, and the error. */
async function run(ports: ReplyPorts, initialMessages: readonly Message[] = [GO]) {
  const fetch = async (_: unknown, { body }: RequestInit) => {
    const { threadId, runId, messages } = JSON.parse(body as string)
    return agUiStream(ports, MESSAGE, { threadId, runId, messages })
  }
  const agent = new HttpAgent({ url: 'http://here', threadId: 'talk', initialMessages: [...initialMessages], fetch })
  let error: string | undefined
  const outcomes: unknown[] = []
  const ended = await agent
    .runAgent(
      { runId: 'm1' },
      {
        onRunErrorEvent: ({ event }) => void (error = event.message),
        onRunFinishedEvent: ({ event }) => void outcomes.push((event as { outcome?: unknown }).outcome),
      },
    )
    .catch((thrown: Error) => {
      error ??= String(thrown)
      return undefined
    })
  return { messages: agent.messages, result: ended?.result, error, outcomes }
}

const textsOf = (messages: readonly Message[]) =>
  messages.flatMap(({ role, content }) => (role === 'assistant' && content ? [content] : []))

describe('the client of AG-UI reads', () => {
  it.each(REPLIES)('%s', async (_, events, texts) => {
    const { messages, error } = await run(portsOf(events))
    expect(error).toBeUndefined()
    expect(textsOf(messages)).toEqual(texts)
    expect(messages[0]).toEqual(GO)
  })

  it('calls with their results', async () => {
    const { messages } = await run(portsOf([start, round('Look.', ['look-up']), roundEnd, done('')]))
    const call = {
      id: 'talk.m1.1.call_1',
      type: 'function',
      function: { name: 'look-up', arguments: '{"word":"ebb"}' },
    }
    expect(messages).toEqual([
      GO,
      { id: 'talk.m1.1', role: 'assistant', content: 'Look.', toolCalls: [call] },
      { id: 'talk.m1.1.call_1.result', role: 'tool', toolCallId: call.id, content: 'goes' },
    ])
  })

  it('a picture that the model made, as an activity', async () => {
    const events = [start, round('A lamp.', [], 1, { files: [LAMP] }), done('A lamp.', { files: [LAMP] })]
    const { messages, error } = await run(portsOf(events))
    expect(error).toBeUndefined()
    expect(messages.slice(1)).toEqual([
      { id: 'talk.m1.1', role: 'assistant', content: 'A lamp.' },
      {
        ...{ id: 'talk.m1.1.files', role: 'activity', activityType: 'files' },
        content: { files: [{ ...LAMP, url: `/v1/files/${LAMP.file}` }] },
      },
    ])
  })

  it('a text that begins again after a call, and keeps all else', async () => {
    const again = { ...restart, body: { type: 'text-restart', round: 2, reason: 'the connection was lost' } as const }
    const events = [
      start,
      round('', ['look-up']),
      roundEnd,
      delta('No', 0, 2),
      again,
      round('Yes.', [], 2),
      done('Yes.'),
    ]
    const { messages } = await run(portsOf(events), [{ id: 'u0', role: 'user', content: 'Old.' }, GO])
    expect(messages.map(({ id, content }) => [id, content])).toEqual([
      ['u0', 'Old.'],
      ['u1', 'Go.'],
      ['talk.m1.1', undefined],
      ['talk.m1.1.call_1.result', 'goes'],
      ['talk.m1.2.again_1', 'Yes.'],
    ])
  })

  it('a reply of which it has a part already', async () => {
    const part: Message = { id: 'talk.m1.1', role: 'assistant', content: 'Hel' }
    const { messages } = await run(portsOf([start, round('Hello.'), done('Hello.')]), [GO, part])
    expect(textsOf(messages)).toEqual(['Hello.'])
  })

  it('the value of a typed answer', async () => {
    expect(await run(portsOf([start, done('{"n":1}', { output: { n: 1 } })]))).toMatchObject({ result: { n: 1 } })
  })

  it('why a reply has failed, and that it was cancelled', async () => {
    const { error } = await run(portsOf([start], { status: 'failed', problem: failed }))
    expect(error).toBe('the agent repeats itself')
    const { outcomes } = await run(portsOf([start, delta('He', 0)], { status: 'cancelled', problem: failed }))
    expect(outcomes).toEqual([{ type: 'cancelled' }])
  })
})
