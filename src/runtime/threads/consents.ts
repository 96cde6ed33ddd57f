import type { Engine } from '../../engine/engine.ts'
import { treatmentOf } from '../../thread/actor/treatments.ts'
import type { ThreadState } from '../../thread/protocol/ask-state.ts'
import type { Treatments, Visibility } from '../../thread/protocol/context-operations.ts'
import { threadRef } from '../../thread/protocol/refs.ts'
import type { InboxPort } from '../ports/inbox.ts'
import type { ServingPort } from '../ports/serving.ts'
import type { Consented, ConsentQuestion } from '../ports/threads.ts'
import { noAsk } from './decisions.ts'

export function runtimeConsents(engine: Engine, threadOfAsk: ServingPort['threadOfAsk']): Pick<InboxPort, 'consent'> {
  return {
    async consent(ask, answers, where) {
      const thread = await threadOfAsk(ask, where)
      if (thread === undefined) throw noAsk(ask)
      const consented = await engine.ask(threadRef(thread), { type: 'consent', answers })
      return consented as readonly Consented[]
    },
  }
}

/** The consent questions of a thread, or of one ask. Absent if there are none. */
export function consentsOf(context: Treatments = [], ask?: string): { readonly consents?: readonly ConsentQuestion[] } {
  const consents = context.flatMap(({ message, question }) => {
    if (!question || (ask !== undefined && question.ask !== ask)) return []
    return { message, ask: question.ask, length: question.length, since: question.at }
  })
  return consents.length === 0 ? {} : { consents }
}

/** How prompts show a message. Absent if they no longer include it. */
export function shownIn(
  { context = [], remembered }: Pick<ThreadState, 'context' | 'remembered'>,
  { n, message }: { readonly n: number; readonly message: number },
): { readonly inPrompts?: Visibility } {
  return remembered.includes(n) ? { inPrompts: treatmentOf(context, message).inPrompts } : {}
}
