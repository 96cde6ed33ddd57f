import { expect, it } from 'vitest'
import { BusyError, RetryableError } from '../../../src/errors.ts'
import { failedUsageOf, withFailedUsage } from '../../../src/model/cost/usage.ts'
import { onceMore } from '../../../src/model/pool/generate-in-pool.ts'
import type { ModelReply } from '../../../src/model/request/request.ts'

const usage = (output: number) => ({ input: 1, output })
const broken = (output: number) =>
  withFailedUsage(new RetryableError('it broke', { code: 'model_stream_broken' }), {
    model: 'lab/one',
    usage: usage(output),
    cost: output,
  })
const reply: ModelReply = { text: 'All.', citations: [], usage: usage(4), cost: 4, model: 'lab/one' }

/** Each call throws its error, or gives the reply. */
function asked(...errors: readonly unknown[]) {
  const calls: unknown[] = []
  const ask = async (isRepeated: boolean) => {
    const error = errors[calls.length]
    calls.push(isRepeated)
    if (error) throw error
    return reply
  }
  const result = onceMore(ask, (reason) => calls.push(reason))
  return { calls, result }
}

it('asks once more after a break, and counts both calls', async () => {
  const { calls, result } = asked(broken(2))
  expect(await result).toEqual({ ...reply, usage: { input: 2, output: 6 }, cost: 6 })
  expect(calls).toEqual([false, 'it broke', true])
})

it('fails for good after a second break, with what both calls used', async () => {
  const { calls, result } = asked(broken(2), undefined, broken(3))
  const error: unknown = await result.catch((failure: unknown) => failure)
  expect(error).toMatchObject({
    code: 'model_stream_broken',
    terminal: true,
    message: expect.stringContaining('twice'),
  })
  expect(failedUsageOf(error)).toMatchObject({ usage: { input: 2, output: 5 }, cost: 5 })
  expect(calls).toEqual([false, 'it broke', true])
})

it('fails with another error of the second call as it is', async () => {
  const busy = new BusyError('no room')
  await expect(asked(broken(2), undefined, busy).result).rejects.toBe(busy)
})

it('asks once about any other error', async () => {
  const { calls, result } = asked(new RetryableError('away', { code: 'model_unavailable' }))
  await expect(result).rejects.toThrow('away')
  expect(calls).toEqual([false])
})
