import { describe, expect, it, vi } from 'vitest'
import { type ReadEvent, withLive } from '../../../../src/agent/room/conversation/live.ts'
import type { ConversationEvent } from '../../../../src/agent/room/conversation/port.ts'
import { CLERK, call, openGoals, answer as repeated } from '../../goal/folder.ts'

const answer = (text: string) => ({ ...repeated(text), times: 1 })

const message = (text: string, id: string) => ({ conversation: 'talk', agent: CLERK, text, id })

async function untilEnd(events: AsyncIterable<ConversationEvent>): Promise<readonly ConversationEvent[]> {
  const seen: ConversationEvent[] = []
  for await (const event of events) {
    seen.push(event)
    if ((event.body as { readonly type: string }).type === 'ask-end') break
  }
  return seen
}

describe('the text of a conversation', () => {
  it('grows between the durable events, whose cursors stay as they are, and is not kept', async () => {
    const { runtime, write } = await openGoals([call('filesystem_list', { path: '.' }), answer('It lists one file.')])
    write('a.txt', 'ebb')
    const followed = untilEnd(runtime.conversations.events('talk'))
    await runtime.conversations.send(message('List.', 'm1'))
    const seen = await followed
    const told = seen.filter(({ live }) => live)
    // pieces that arrive before the reader takes them are joined
    let text = ''
    for (const { body } of told) {
      expect(body).toEqual({ type: 'text-delta', round: 2, text: expect.any(String), at: text.length })
      text += (body as { readonly text: string }).text
    }
    expect(text).toBe('It lists one file.')
    const durable = seen.filter(({ live }) => !live)
    expect(await untilEnd(runtime.conversations.events('talk'))).toEqual(durable)
    // after the event of the first round, and before that of the second one
    const before = durable.findLast(({ body }) => (body as { readonly type: string }).type === 'round-end')!
    expect(new Set(told.map(({ cursor, goal }) => `${goal} ${cursor}`))).toEqual(new Set([`talk.m1 ${before.cursor}`]))
    expect(seen.indexOf(told.at(-1)!)).toBe(
      seen.findIndex(({ body }) => (body as { round?: number }).round === 2) + told.length - 1,
    )
  })

  it('goes on with the next message, also for a reader that begins in the middle', async () => {
    const { runtime } = await openGoals([answer('One.'), answer('Two words.')])
    await runtime.conversations.send(message('Hello.', 'm1'))
    const first = await untilEnd(runtime.conversations.events('talk'))
    const followed = untilEnd(runtime.conversations.events('talk', { after: first.at(-1)!.cursor }))
    await runtime.conversations.send(message('And now?', 'm2'))
    const told = (await followed).filter(({ live }) => live)
    expect(told.map(({ goal, body }) => [goal, (body as { readonly text: string }).text])).toEqual([
      ['talk.m2', 'Two '],
      ['talk.m2', 'words.'],
    ])
  })

  it('is not asked for as a stream while nobody follows', async () => {
    const { runtime, model } = await openGoals([answer('One.'), answer('Two.'), answer('Three.')])
    const streamed = vi.spyOn(model, 'doStream')
    await runtime.conversations.send(message('Hello.', 'm1'))
    expect(streamed).not.toHaveBeenCalled()
    const leaving = new AbortController()
    const followed = untilEnd(runtime.conversations.events('talk', { after: '3', signal: leaving.signal }))
    await runtime.conversations.send(message('And now?', 'm2'))
    await followed
    leaving.abort()
    await runtime.conversations.send(message('And then?', 'm3'))
    expect(streamed).toHaveBeenCalledTimes(1)
  })

  it('reaches the followers of its goal, too', async () => {
    const { runtime } = await openGoals([answer('Good morning.')])
    const leaving = new AbortController()
    const deltas = runtime.inspector.deltas('g', leaving.signal)
    await runtime.goals.start({ agent: CLERK, goal: 'Greet.', id: 'g' })
    const seen: unknown[] = []
    for await (const delta of deltas) if (seen.push(delta) === 2) break
    expect(seen).toEqual([
      { type: 'text-delta', round: 1, text: 'Good ', at: 0 },
      { type: 'text-delta', round: 1, text: 'morning.', at: 5 },
    ])
    await runtime.idle()
  })
})

describe('withLive', () => {
  const durable = (cursor: string, body: ConversationEvent['body'], goal?: string): ReadEvent => ({
    event: { cursor, ...(goal !== undefined && { goal }), body },
    isKnown: false,
  })
  const delta = (n: number, round: number, text: string, at: number) => ({
    type: 'text-delta',
    goal: `talk.m${n}`,
    round,
    text,
    at,
  })
  const answers = (cursor: string, goal: string) => durable(cursor, { type: 'ask-goal', agent: 'clerk', goal, at: 1 })
  const begun = answers('2', 'talk.m1')
  const round = (n: number) => durable(`2.${n}`, { type: 'round', round: n, text: '', calls: [] }, 'talk.m1')
  const ended = durable('2.9', { type: 'goal-end', status: 'completed', needs: [] }, 'talk.m1')

  async function read(events: readonly ReadEvent[], deltas: AsyncIterable<never> | readonly object[]) {
    const never = async function* () {
      yield* deltas as AsyncIterable<never>
    }
    const all: string[] = []
    const source = async function* () {
      // the deltas come first
      await new Promise((resolve) => setImmediate(resolve))
      yield* events
    }
    for await (const { cursor, live, body } of withLive(source(), never(), '0')) {
      const { text, count, type } = body as { text?: string; count?: number; type: string }
      all.push(live ? `${cursor} ${text ?? `${type} ${count}`}` : cursor)
    }
    return all
  }

  it('holds text of a round that has not begun for this reader, and joins it', async () => {
    const deltas = [delta(1, 1, 'a', 0), delta(1, 1, 'b', 1), delta(1, 2, 'c', 0), delta(1, 2, 'd', 1)]
    expect(await read([begun, round(1), round(2)], deltas)).toEqual(['2', '2 ab', '2.1', '2.1 cd', '2.2'])
  })

  it('leaves out text of a round or a goal that has ended for this reader', async () => {
    const deltas = [delta(1, 3, 'late', 0), delta(2, 1, 'next', 0)]
    const next = answers('5', 'talk.m2')
    expect(await read([begun, round(3), ended, next], deltas)).toEqual(['2', '2.3', '2.9', '5', '5 next'])
  })

  it('says how much a reader has lost that takes nothing for long', async () => {
    // the texts do not go on with each other
    const deltas = Array.from({ length: 260 }, (_, at) => delta(1, 1, 'x', 2 * at))
    const seen = await read([begun, round(1)], deltas)
    expect(seen.filter((line) => line === '2 x')).toHaveLength(256)
    expect(seen).toContain('2 deltas-lost 4')
  })

  it('fails with the error of the durable events', async () => {
    const broken = async function* (): AsyncGenerator<ReadEvent> {
      yield begun
      throw new Error('disk')
    }
    const events = withLive(broken(), (async function* () {})(), '0')
    const all = async () => {
      for await (const _ of events);
    }
    await expect(all()).rejects.toThrow('disk')
  })
})
