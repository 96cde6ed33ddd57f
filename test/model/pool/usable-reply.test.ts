import { describe, expect, it } from 'vitest'
import { RetryableError, TerminalError } from '../../../src/errors.ts'
import { failedUsageOf, withFailedUsage } from '../../../src/model/cost/usage.ts'
import { usableReply } from '../../../src/model/pool/usable-reply.ts'
import type { ModelReply, ModelRequest } from '../../../src/model/request/request.ts'

const REQUEST: ModelRequest = { task: { kind: 'write' }, documents: [], instruction: 'Go.' }
const usage = { input: 10, output: 5 }
const WELL: ModelReply = { text: 'well', citations: [], usage, cost: 0.5, model: 'lab/one' }
const paid = <E extends object>(error: E) => withFailedUsage(error, { model: 'lab/one', usage, cost: 0.5 })
const thoughts = (room: number) =>
  paid(new TerminalError('only thoughts', { code: 'model_truncated_output', data: { room } }))
const malformed = () => paid(new TerminalError('no call', { code: 'model_malformed_call' }))

/** Asks a model that answers so, one after another, and whose replies have so many tokens at most. */
async function asking(answers: readonly (ModelReply | Error)[], most = Number.POSITIVE_INFINITY) {
  const asked: ModelRequest[] = []
  const suit = (request: ModelRequest) =>
    request.maxTokens === undefined ? request : { ...request, maxTokens: Math.min(request.maxTokens, most) }
  const reply = usableReply(suit(REQUEST), suit, async (request) => {
    asked.push(request)
    const answer = answers[asked.length - 1]!
    if (answer instanceof Error) throw answer
    return answer
  })
  return {
    ended: await reply.catch((error: unknown) => error as Error),
    rooms: asked.map(({ maxTokens }) => maxTokens),
  }
}

describe('a reply of thoughts alone', () => {
  it('is asked for again with twice the room, and tells the room and all that was used', async () => {
    const { ended, rooms } = await asking([thoughts(4096), thoughts(8192), WELL])
    expect(rooms).toEqual([undefined, 8192, 16_384])
    expect(ended).toMatchObject({ text: 'well', room: 16_384, usage: { input: 30, output: 15 }, cost: 1.5 })
  })

  it('is asked for twice more at most', async () => {
    const { ended, rooms } = await asking([thoughts(100), thoughts(200), thoughts(400)])
    expect(rooms).toHaveLength(3)
    expect(ended).toMatchObject({ code: 'model_truncated_output', data: { room: 400 } })
    expect(failedUsageOf(ended)).toMatchObject({ usage: { input: 30, output: 15 }, cost: 1.5 })
  })

  it.each([
    [150, [undefined, 150]],
    [100, [undefined]],
  ])('gets no more room than the model has: %i', async (most, expected) => {
    const { rooms } = await asking([thoughts(100), thoughts(most), WELL], most)
    expect(rooms).toEqual(expected)
  })

  it.each(['out_of_money', 'model_rejected', 'context_overflow'])(
    'is the error if there is no room: %s',
    async (code) => {
      const { ended } = await asking([
        thoughts(100),
        new TerminalError('no', { code, ...(code === 'out_of_money' && { data: { scope: 'goal/g', amount: 1 } }) }),
      ])
      expect(ended).toMatchObject({ code: 'model_truncated_output' })
      expect(failedUsageOf(ended)).toMatchObject({ usage, cost: 0.5 })
    },
  )

  it('is not the error if the provider is away then: the work waits for it', async () => {
    const { ended } = await asking([thoughts(100), new RetryableError('no', { code: 'model_overloaded' })])
    expect(ended).toMatchObject({ code: 'model_overloaded' })
    expect(failedUsageOf(ended)).toMatchObject({ usage, cost: 0.5 })
  })
})

it('a malformed call is asked for three times more, and everything is counted', async () => {
  const { ended, rooms } = await asking([malformed(), malformed(), malformed(), malformed(), WELL])
  expect(rooms).toHaveLength(4)
  expect(ended).toMatchObject({ code: 'model_malformed_call' })
  expect(failedUsageOf(ended)).toMatchObject({ usage: { input: 40, output: 20 }, cost: 2 })
})
