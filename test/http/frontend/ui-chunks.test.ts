import {
  parseJsonEventStream,
  readUIMessageStream,
  type UIMessage,
  type UIMessageChunk,
  uiMessageChunkSchema,
} from 'ai'
import { describe, expect, it } from 'vitest'
import type { ConversationEvent } from '../../../src/agent/room/conversation/port.ts'
import { uiStream } from '../../../src/http/frontend/streams.ts'
import { done, failed, LAMP, MESSAGE, portsOf, REPLIES, restart, round, roundEnd, start } from './events.ts'

/** The message that the AI SDK reads from a response, and what it says is wrong. */
async function read(response: Response) {
  const chunks = parseJsonEventStream({ stream: response.body!, schema: uiMessageChunkSchema }).pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        if (!chunk.success) throw chunk.error
        controller.enqueue(chunk.value as UIMessageChunk)
      },
    }),
  )
  const errors: string[] = []
  let message: UIMessage | undefined
  for await (const one of readUIMessageStream({ stream: chunks, onError: (error) => errors.push(String(error)) }))
    message = one
  return { message: message!, errors }
}

const textsOf = ({ parts }: UIMessage) => parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))

describe('the AI SDK reads', () => {
  it.each(REPLIES)('%s', async (_, events, texts) => {
    const { message, errors } = await read(uiStream(portsOf(events), MESSAGE))
    expect(errors).toEqual([])
    expect(message.id).toBe('m1.reply')
    expect(textsOf(message)).toEqual(texts)
  })

  it('calls that the front end does not make', async () => {
    const { message } = await read(uiStream(portsOf([start, round('', ['look-up']), roundEnd, done('')]), MESSAGE))
    expect(message.parts).toMatchObject([
      { type: 'step-start' },
      {
        type: 'dynamic-tool',
        toolName: 'look-up',
        toolCallId: 'talk.m1.1.call_1',
        state: 'output-available',
        input: { word: 'ebb' },
        output: 'goes',
        providerExecuted: true,
      },
    ])
  })

  it('the value of a typed answer, and what an answer lacks', async () => {
    const end = done('{"n":1}', { output: { n: 1 }, lacks: ['the end'] })
    const { message } = await read(uiStream(portsOf([start, end]), MESSAGE))
    expect(message.parts).toEqual([{ type: 'data-output', id: 'output', data: { n: 1 } }])
    expect(message.metadata).toEqual({ lacks: ['the end'] })
  })

  it('a picture that the model made, once, also if another agent did', async () => {
    const other = { ...LAMP, file: `file_${'b2'.repeat(32)}` }
    const events = [start, round('A lamp.', [], 1, { files: [LAMP] }), done('A lamp.', { files: [LAMP, other] })]
    const { message, errors } = await read(uiStream(portsOf(events), MESSAGE))
    expect(errors).toEqual([])
    expect(message.parts.filter(({ type }) => type === 'file')).toEqual(
      [LAMP, other].map(({ file }) => ({ type: 'file', mediaType: 'image/png', url: `/v1/files/${file}` })),
    )
  })

  it('why a reply has failed', async () => {
    const { errors } = await read(uiStream(portsOf([start], { status: 'failed', problem: failed }), MESSAGE))
    expect(errors).toEqual(['Error: the agent repeats itself'])
  })
})

it('ends with [DONE], and a cancelled reply says so', async () => {
  const cancelled = { status: 'cancelled', problem: { ...failed, message: 'enough' } }
  const response = uiStream(portsOf([start, restart], cancelled), MESSAGE)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/event-stream',
    'x-vercel-ai-ui-message-stream': 'v1',
  })
  expect((await response.text()).split('\n\n').slice(-3)).toEqual([
    'data: {"type":"abort","reason":"enough"}',
    'data: [DONE]',
    '',
  ])
})

it.each<[what: string, needs: object, type: string, data: object]>([
  [
    'a call of a round',
    { run: 'talk.m1.1', step: 'call_1', signal: 'approve_call_1' },
    'data-approval',
    { call: 'talk.m1.1.call_1' },
  ],
  [
    'a call of a playbook',
    { run: 'talk.m1.playbook', step: 'add', signal: 'call:add' },
    'data-approval',
    { signal: 'call:add' },
  ],
  ['a question', { run: 'talk.m1.1', step: 'call_1', signal: 'call_1' }, 'data-wait', { signal: 'call_1' }],
  ['a goal below', { goal: 'talk.m1.1.call_1' }, 'data-wait', { goal: 'talk.m1.1.call_1' }],
])('says what a person is asked: %s', async (_, needs, type, data) => {
  const waits = { ...start, body: { type: 'goal-needs', title: 'Go on?', ...needs } as ConversationEvent['body'] }
  const { message } = await read(uiStream(portsOf([start, round('', ['look-up']), waits, roundEnd, done('')]), MESSAGE))
  expect(message.parts.at(-1)).toMatchObject({ type, data: { title: 'Go on?', status: 'over', ...data } })
})
