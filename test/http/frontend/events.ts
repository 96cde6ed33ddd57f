import type { ConversationEvent } from '../../../src/agent/room/conversation/port.ts'
import type { ReplyPorts } from '../../../src/agent/room/conversation/reply.ts'
import type { GoalDocument } from '../../../src/agent/room/goals/documents.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { FileRef } from '../../../src/lib/media/file-ref.ts'

const GOAL = 'talk.m1'
type Body = ConversationEvent['body']
const durable = (body: Body) => ({ cursor: '2.1', goal: GOAL, body }) satisfies ConversationEvent
const live = (body: Body): ConversationEvent => ({ ...durable(body), live: true })

export const start = durable({ type: 'goal-start', agent: 'clerk', goal: 'Go.' })
/** Text of a round as it grows. */
export const delta = (text: string, at: number, round = 1) => live({ type: 'text-delta', round, text, at })
export const restart = live({ type: 'text-restart', round: 1, reason: 'the connection was lost' })
/** A round with its text, and calls by the names of tools. */
export const round = (
  text: string,
  calls: readonly string[] = [],
  number = 1,
  more: { files?: readonly FileRef[] } = {},
) =>
  durable({
    type: 'round',
    round: number,
    text,
    ...more,
    calls: calls.map((tool, place) => ({ tool, step: `call_${place + 1}` })),
  })
export const roundEnd = durable({ type: 'round-end', round: 1, results: [] })
/** The goal completes with an answer. */
export const done = (answer: string, more: object = {}) =>
  durable({ type: 'goal-end', status: 'completed', answer, needs: [], ...more } as Body)
/** A picture that the model made. */
export const LAMP = { file: `file_${'a1'.repeat(32)}`, type: 'image/png', name: 'lamp.png', bytes: 7 }
export const failed = {
  code: 'agent_stuck',
  name: 'TerminalError',
  message: 'the agent repeats itself',
  terminal: true,
}

/** Ports that know one reply: its events, and the calls of its first round. */
export function portsOf(events: readonly ConversationEvent[], end: object = { status: 'completed' }): ReplyPorts {
  const calls = [{ tool: 'look-up', parameters: { word: 'ebb' }, step: 'call_1', outcome: 'succeeded', result: 'goes' }]
  return {
    conversations: {
      async *events() {
        yield* events
      },
    },
    threads: {
      get: async () => ({ owner: 'local', asks: [] }),
      async *askEvents() {
        yield { n: 1, body: { type: 'ask-start', prompt: 'Go.', at: 1 } }
        yield { n: 2, body: { type: 'ask-goal', agent: 'clerk', goal: GOAL, at: 1 } }
        yield { n: 3, body: { type: 'ask-end', at: 2, ...end } as Json }
      },
    },
    goals: { get: async () => ({ rounds: [{ round: 1, text: '', calls }] }) as unknown as GoalDocument },
  }
}

export const MESSAGE = { conversation: 'talk', message: 'm1' }

/** Replies as they may come: their events, and the texts that a person reads at the end. */
export const REPLIES: readonly (readonly [
  what: string,
  events: readonly ConversationEvent[],
  texts: readonly string[],
])[] = [
  ['recorded events alone', [start, round('Hello.'), done('Hello.')], ['Hello.']],
  ['text as it grows', [start, delta('Hel', 0), delta('lo.', 3), round('Hello.'), done('Hello.')], ['Hello.']],
  ['pieces that overlap', [start, delta('Hel', 0), delta('ello', 1), round('Hello.'), done('Hello.')], ['Hello.']],
  [
    'a reader that came in the middle',
    [start, delta('lo', 3), delta('.', 5), round('Hello.'), done('Hello.')],
    ['Hello.'],
  ],
  ['lost pieces', [start, delta('He', 0), delta('o.', 4), round('Hello.'), done('Hello.')], ['Hello.']],
  [
    'a text that begins again',
    [start, delta('Hi th', 0), restart, delta('Hel', 0), round('Hello.'), done('Hello.')],
    ['Hello.'],
  ],
  [
    'a text that begins again without a word',
    [start, delta('Hi th', 0), delta('Hel', 0), round('Hello.'), done('Hello.')],
    ['Hello.'],
  ],
  ['a text that breaks before its first piece', [start, restart, round('Hello.'), done('Hello.')], ['Hello.']],
  ['a text that is recorded in another way', [start, delta('Hi.', 0), round('Hello.'), done('Hello.')], ['Hello.']],
  ['blanks that are not recorded', [start, delta('Hello.\n', 0), round('Hello.'), done('Hello.')], ['Hello.\n']],
  ['a text that ends with its goal', [start, delta('Hel', 0), done('', { answer: undefined })], ['Hel']],
  [
    'rounds',
    [
      start,
      delta('Look.', 0),
      round('Look.', ['look-up']),
      roundEnd,
      delta('Do', 0, 2),
      round('Done.', [], 2),
      done('Done.'),
    ],
    ['Look.', 'Done.'],
  ],
  ['an answer that no round wrote', [start, done('From a playbook.')], ['From a playbook.']],
]
