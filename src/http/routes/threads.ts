import { unlessMissing } from '../../errors.ts'
import { ASKS } from '../../thread/room/asks-contract.ts'
import { THREADS } from '../../thread/room/threads-contract.ts'
import type { ScopedRuntime } from '../authorize/scoped-runtime.ts'
import { handlers } from '../routing/route.ts'
import { idUnder } from './plain.ts'

/** Asks: ask and wait for the answer, or under an id of one's own without waiting; consent to summaries. */
export const threadHandlers = {
  ...handlers(THREADS, {
    'threads.startAsk': ({ runtime, params: { thread, ask }, body }) =>
      runtime.threads.startAsk({ ...body, thread, id: ask }),
  }),
  ...handlers(ASKS, {
    'threads.ask': {
      handle: ({ runtime, params, body, made, signal }) =>
        runtime.threads.ask({ ...idUnder(ASKS['threads.ask'], made), ...body, ...params }, { signal }),
      isMade: ({ runtime, params: { thread }, body: { id }, made }) =>
        isAsked(runtime, thread, id ?? idUnder(ASKS['threads.ask'], made).id!),
    },
    async 'inbox.consent'({ runtime, params, body: { thread, ...said } }) {
      const answers = 'answers' in said ? said.answers : [said]
      return { items: await runtime.inbox.consent(params.ask, answers, thread === undefined ? {} : { thread }) }
    },
  }),
}

const isAsked = async ({ threads }: ScopedRuntime, thread: string, ask: string): Promise<boolean> =>
  (await threads.getAsk(thread, ask).catch(unlessMissing)) !== undefined
