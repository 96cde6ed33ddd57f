import { expect, test } from 'vitest'
import { CALL_GATE } from '../../../src/step/approval/decide-call.ts'
import type { AwaitingCallback } from '../../../src/step/attempt/step-state.ts'
import { actOf } from '../../../src/step/suspend/answered.ts'

const waiting = {
  ...{ run: { kind: 'run', key: 'r' }, work: 'w', step: 'ask', asking: 'approval-gate', since: 1 },
  question: { to: { signal: 'ask' }, body: { title: 'Open hunter22 for Anna?', content: 'parameters' } },
} as unknown as AwaitingCallback
const by = { type: 'user', name: 'eva', through: 'cli' } as const
const secrets = { shown: (text: string) => text.replaceAll('hunter22', '[redacted]') } as never
const entryOf = (value: never) =>
  (actOf(waiting, { answer: { what: 'rejected', by, at: 5 }, value }, undefined, secrets).body as { entry: object })
    .entry

test('an act has the title of its question and the reason, without secrets, and of a bounded length', () => {
  const reason = `hunter22 ${'x'.repeat(1000)}`
  const entry = entryOf({ action: 'reject', reason, content: 'parameters' } as never) as { reason: string }
  expect(entry).toMatchObject({ what: 'rejected', step: 'ask', title: 'Open [redacted] for Anna?' })
  expect(entry.reason).toHaveLength(500)
  expect(entry.reason).toMatch(/^\[redacted\] x/)
  expect(JSON.stringify(entry)).not.toContain('parameters')
  expect(entryOf('approve' as never)).not.toHaveProperty('reason')
})

test.each([
  ['Refund 49.00 € for order "1789"?', 'Refund 49.00 € for order "1789"?'],
  ['Call refund? order "1789", cents 4900', 'Call refund?'],
])('an act has the title that the author of a tool wrote, and no other arguments: %s', (title, kept) => {
  const asked = { ...waiting, asking: CALL_GATE, tool: 'refund', question: { ...waiting.question, body: { title } } }
  const said = { answer: { what: 'approved', by, at: 5 } as const, value: 'approve' }
  expect(actOf(asked, said, undefined, secrets).body).toMatchObject({ entry: { tool: 'refund', title: kept } })
})
