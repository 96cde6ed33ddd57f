import type { OrderMessage } from '../../agent/room/conversation/open-port.ts'
import { InvalidError } from '../../errors.ts'
import { deriveId } from '../../kernel/commit.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import { present } from '../../lib/json/present.ts'
import { ownerField } from '../../lib/owner.ts'
import type { WorkPolicy } from '../../step/policy.ts'
import type { MessageTarget } from '../definition/context.ts'
import type { OperationStep } from '../replay/operation.ts'
import { request } from './wait.ts'

/** The work of a message to a conversation, which waits for its answer. A crash repeats no message. */
export function messageOf(target: MessageTarget, text: unknown, policy: WorkPolicy, say: OrderMessage): OperationStep {
  const { conversation, agent, onBusy, budget } = target
  if (typeof text !== 'string')
    throw new InvalidError(`ctx.call: expected the text of a message to ${conversation}, got ${typeof text}.`)
  return {
    type: 'step',
    work: { type: 'code', action: 'call' },
    policy,
    async perform(context) {
      const { run } = context.start
      const id = `msg_${deriveId(context.call.idempotencyKey, 'say')}`
      const more = present({ onBusy, budget, priority: run.priority, trusted: run.untrusted && false })
      const message = { conversation, agent, text, id, ...ownerField(run.owner), ...more }
      return request(context, 'reply', await say(message, run.workFor))
    },
  }
}

/** The answer to a message, as the workflow gets it. */
export function replyOf(value: Json): Json {
  const { answer = null, output, lacks, goal } = isJsonObject(value) ? value : {}
  return { status: 'completed', answer, ...present({ output, lacks, goal }) } as Json
}
