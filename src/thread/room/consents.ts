import type { Engine } from '../../engine/engine.ts'
import { treatmentOf } from '../actor/treatments.ts'
import type { ThreadState } from '../protocol/ask-state.ts'
import type { Treatments, Visibility } from '../protocol/context-operations.ts'
import { threadRef } from '../protocol/refs.ts'
import { noAsk, threadOfAsk } from './decisions.ts'
import type { Consented, ConsentQuestion, ThreadInbox } from './port.ts'

/** Takes the answers of users about messages. */
export function threadConsents(engine: Engine): Pick<ThreadInbox, 'consent'> {
  return {
    async consent(ask, answers, where) {
      const thread = await threadOfAsk(engine.view, ask, where)
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
