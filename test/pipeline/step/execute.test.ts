import { expect, test } from 'vitest'
import { RetryableError } from '../../../src/errors.ts'
import type { PipelineStepStart } from '../../../src/pipeline/plan/messages/step-order.ts'
import type { PipelineServices } from '../../../src/pipeline/step/context.ts'
import { execute } from '../../../src/pipeline/step/execute.ts'

const start: PipelineStepStart = {
  type: 'start',
  work: { type: 'pipeline', order: { pipeline: 'hash', inputs: { inline: {} }, reads: {} } },
  run: { id: 'r', startedAt: 0 },
  step: 'a',
  policy: { attempts: 2, effect: 'pure' },
  batch: {},
}
const services = {} as PipelineServices
const lost = () => Promise.reject(new RetryableError('the disk is away'))
const attempt = (number: number, signal = new AbortController().signal) =>
  execute({
    ...{ services, open: lost, start, self: { kind: 'step', key: 'r.a' }, emit: () => {} },
    call: { signal, idempotencyKey: 'key', attempt: number },
  })

test('an attempt that is not the last throws, so that it is made again', async () => {
  await expect(attempt(1)).rejects.toThrow('the disk is away')
})

test('the last one is reported as the end of the step', async () => {
  expect(await attempt(2)).toMatchObject({
    status: 'failed',
    attempts: 2,
    problem: { message: 'the disk is away' },
  })
})

test('cancelled work reports no failure', async () => {
  await expect(attempt(2, AbortSignal.abort())).rejects.toThrow()
})
