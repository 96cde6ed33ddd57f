import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Json, Schema } from '../../../src/index.ts'
import type { Actor } from '../../../src/kernel/types.ts'
import { answer, CLERK, call, openGoals } from './folder.ts'

type Message = { readonly start?: Json; readonly goal?: string; readonly status?: string }

/** An actor that starts goals and writes down each reply. */
const caller: Actor<readonly Json[], Message> = {
  kind: 'caller',
  message: z.looseObject({}) as unknown as Schema<Message>,
  initial: () => [],
  receive(state, message, { self, message: envelope }) {
    if (message.start === undefined) return { state: [...state, { from: envelope.from!.key, ...(message as object) }] }
    const to = { kind: 'agent', key: message.goal! }
    return { send: [{ to, body: message.start, replyTo: self, correlationId: message.goal! }], reply: true }
  },
}

test('the caller of a goal gets exactly one message when it ends, however it ends', async () => {
  const { runtime, open } = await openGoals(
    [
      { ...answer('first'), times: 1 },
      call('filesystem_append', { path: 'log.txt', content: 'x' }),
      { ...answer('noon'), times: 1 },
      { error: { statusCode: 400, message: 'content_policy' } },
    ],
    '',
    { actors: [caller] },
  )
  await runtime.goals.start({ agent: CLERK, goal: 'Look.', id: 'first' })
  await runtime.idle()
  const parts = new Map<string, Json>()
  for await (const [name, part] of runtime.engine.view.parts({ kind: 'agent', key: 'first' })) parts.set(name, part)
  const { definition } = parts.get('start') as { readonly definition: string }
  const start = { type: 'start', agent: 'clerk', goal: 'Write.', definition }
  const begin = (goal: string) => runtime.engine.ask({ kind: 'caller', key: 'one' }, { start, goal })
  await begin('waits')
  await expect.poll(() => runtime.inbox.list()).toHaveLength(1)
  await begin('answers')
  await expect.poll(async () => (await runtime.goals.get('answers')).status).toBe('completed')
  await begin('fails')
  await expect.poll(async () => (await runtime.goals.get('fails')).status).toBe('failed')
  await runtime.goals.cancel('waits', 'not needed')
  await expect.poll(async () => (await runtime.goals.get('waits')).status).toBe('cancelled')
  const heard = [
    { from: 'answers', status: 'completed', answer: 'noon' },
    { from: 'fails', status: 'failed', problem: { code: 'model_filtered' } },
    { from: 'waits', status: 'cancelled', problem: { code: 'cancelled' } },
  ]
  await expect.poll(() => runtime.engine.view.peek({ kind: 'caller', key: 'one' })).toMatchObject(heard)
  await runtime.stop()
  const next = await open()
  await next.engine.start()
  expect(await next.engine.view.peek({ kind: 'caller', key: 'one' })).toMatchObject(heard)
})
