import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineActor } from '../../src/kernel/turn.ts'
import type { ActorRef } from '../../src/kernel/types.ts'
import { until } from '../../src/testing/until.ts'
import { setUp } from '../chain/fixture.ts'

type Fake = {
  readonly told: readonly string[]
  readonly caller?: ActorRef
  readonly text?: string
  readonly isOver?: true
}

/** Goals that work until the test ends them: `end` makes them answer with all that they were told. */
const goals = defineActor<Fake, { readonly type: string; readonly text?: string; readonly [field: string]: unknown }>({
  kind: 'agent',
  message: z.looseObject({ type: z.string(), text: z.string().exactOptional() }),
  initial: () => ({ told: [] }),
  receive(state, message, { message: { replyTo } }) {
    switch (message.type) {
      case 'start':
        return { state: { ...state, text: String(message.goal), ...(replyTo && { caller: replyTo }) } }
      case 'tell':
        if (state.isOver)
          return { refuse: { code: 'goal_over', name: 'InvalidError', message: 'it is over', terminal: true } }
        return { state: { ...state, told: [...state.told, message.text!] }, reply: { status: 'told' } }
      case 'over':
        return { state: { ...state, isOver: true } }
      default: {
        const body = { type: 'goal-end', needs: [], ...(message.type === 'end' ? COMPLETED(state) : FAILED) }
        return { state: { ...state, isOver: true }, send: [{ to: state.caller!, body, type: 'response' }] }
      }
    }
  },
  notice({ caller }, { type }) {
    if (type !== 'cancelled') return {}
    const problem = { code: 'cancelled', name: 'CancelledError', message: 'cancelled', terminal: true }
    const body = { type: 'goal-end', status: 'cancelled', needs: [], problem }
    return { send: [{ to: caller!, body, type: 'response' }] }
  },
})
const COMPLETED = ({ text, told }: Fake) => ({ status: 'completed', answer: [text, ...told].join('+') })
const FAILED = { status: 'failed', problem: { code: 'bad', name: 'TerminalError', message: 'bad', terminal: true } }

function open() {
  const chain = setUp({ actors: [goals] })
  const { engine, ask, record, events } = chain
  const goal = (n: number): ActorRef => ({ kind: 'agent', key: `t.m${n}` })
  return {
    ...{ engine, record, events, ask, goal },
    send: (text: string, id: string, more: { readonly onBusy?: string } = {}) => {
      const answer = ask(text, {
        id,
        files: [],
        agent: { name: 'helper', start: { type: 'start', goal: text } },
        ...more,
      })
      answer.catch(() => {})
      return answer
    },
    works: (n: number) => until(async () => (await engine.view.peek(goal(n))) !== undefined),
    toldTo: async (n: number) => ((await engine.view.peek(goal(n))) as Fake).told,
    end: (n: number, type = 'end') => engine.tell(goal(n), { type }),
  }
}

describe('a message that an agent answers', () => {
  it('starts a goal, and ends with the reply of the goal', async () => {
    const { send, works, end, record, events } = open()
    const answer = send('hello', 'm1')
    await works(1)
    expect(await record(1)).toMatchObject({ status: 'running', agent: 'helper', goal: 't.m1' })
    await end(1)
    expect(await answer).toMatchObject({ status: 'completed', answer: 'hello', agent: 'helper', goal: 't.m1' })
    expect(await record(1)).toMatchObject({ id: 'm1', status: 'completed', answer: 'hello', goal: 't.m1' })
    const seen = await events()
    expect(seen.map(({ body }) => body.type)).toEqual(['ask-start', 'ask-goal', 'ask-end'])
    expect(seen.at(-1)!.body).toMatchObject({ ask: 'm1' })
  })

  it('fails with the goal, and the next message begins', async () => {
    const { send, works, end } = open()
    const first = send('one', 'm1')
    await works(1)
    const second = send('two', 'm2', { onBusy: 'queue' })
    await end(1, 'break')
    await expect(first).rejects.toMatchObject({ code: 'bad' })
    await works(2)
    await end(2)
    expect(await second).toMatchObject({ answer: 'two' })
  })

  it('is answered after a question to the phases, and before the next one', async () => {
    const { send, ask, works, end } = open()
    const [phases, agent, again] = [ask('why?', { id: 'q1' }), send('hello', 'm1'), ask('why?', { id: 'q2' })]
    await works(2)
    await end(2)
    expect([await phases, await agent, await again].map(({ answer }) => answer.slice(0, 5))).toEqual([
      'the a',
      'hello',
      'the a',
    ])
  })
})

describe('a message while an agent works', () => {
  it('joins its goal: both get one answer', async () => {
    const { send, works, end, toldTo, record } = open()
    const first = send('one', 'm1')
    await works(1)
    const second = send('two', 'm2')
    await until(async () => (await toldTo(1)).length === 1)
    expect(await record(2)).toMatchObject({ status: 'joined' })
    await end(1)
    expect([(await first).answer, (await second).answer]).toEqual(['one+two', 'one+two'])
    expect(await record(2)).toMatchObject({ status: 'completed', answer: 'one+two', goal: 't.m1' })
  })

  it('begins an ask of its own if the goal has ended meanwhile', async () => {
    const { send, works, end, engine } = open()
    const first = send('one', 'm1')
    await works(1)
    // the goal ends before it takes the message; its reply and its refusal are both on their way
    await engine.tell({ kind: 'agent', key: 't.m1' }, { type: 'end' })
    const second = send('two', 'm2')
    expect((await first).answer).toBe('one')
    await works(2)
    await end(2)
    expect((await second).answer).toBe('two')
  })

  it('keeps the order of messages that the goal has refused', async () => {
    const { send, works, end, record } = open()
    const first = send('one', 'm1')
    await works(1)
    await end(1, 'over')
    const others = [send('two', 'm2'), send('three', 'm3')]
    await until(async () => {
      const records = await Promise.all([2, 3].map((n) => record(n).catch(() => undefined)))
      return records.every((one) => one?.status === 'queued')
    })
    await end(1)
    expect((await first).answer).toBe('one')
    await works(2)
    await end(2)
    await works(3)
    await end(3)
    expect((await Promise.all(others)).map(({ answer }) => answer)).toEqual(['two', 'three'])
  })

  it('interrupts: the goal is cancelled, and a new one begins before messages that wait', async () => {
    const { send, works, end, record } = open()
    const first = send('one', 'm1')
    await works(1)
    const third = send('three', 'm3', { onBusy: 'queue' })
    const second = send('two', 'm2', { onBusy: 'interrupt' })
    await expect(first).rejects.toMatchObject({ code: 'cancelled' })
    await works(3)
    await end(3)
    expect((await second).answer).toBe('two')
    await works(2)
    await end(2)
    expect((await third).answer).toBe('three')
    expect((await record(1)).status).toBe('cancelled')
  })

  it('waits if it is too long to join the goal', async () => {
    const { send, works, end, record } = open()
    const first = send('one', 'm1')
    await works(1)
    const long = 'x'.repeat(4001)
    const second = send(long, 'm2')
    await until(async () => (await record(2).catch(() => undefined))?.status === 'queued')
    await end(1)
    await first
    await works(2)
    await end(2)
    expect((await second).answer).toBe(long)
  })

  it('is cancelled together with the message that it has joined', async () => {
    const { send, works, engine, toldTo, record, events } = open()
    send('one', 'm1')
    await works(1)
    send('two', 'm2')
    await until(async () => (await toldTo(1)).length === 1)
    await engine.cancel({ kind: 'chain', key: 't' }, 'm1', 'enough')
    await until(async () => (await record(1)).status === 'cancelled')
    expect(await record(2)).toMatchObject({ status: 'cancelled' })
    const ends = (await events('t', 2)).filter(({ body }) => body.type === 'ask-end')
    expect(ends.map(({ body, correlationId }) => body.ask ?? correlationId)).toEqual(['m1', 'm2'])
  })
})
