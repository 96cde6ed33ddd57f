import { z } from 'zod'
import { unlessMissing } from '../../errors.ts'
import type { AskDocument, ThreadDocument } from '../../thread/room/port.ts'
import { type Route, route } from '../routing/route.ts'
import { upstreamPhase } from './phase-names.ts'
import { threadId } from './request.ts'

const phases = z.record(z.string(), z.string())
const recovered = z.object({
  status: z.literal('recovered'),
  thread_id: z.string(),
  run_id: z.string().nullable().meta({ description: 'its last question' }),
  phase_states: phases.meta({ description: 'of that, as they last stood' }),
  current_phase: z.string(),
  error: z.string().nullable(),
  message_count: z.number().meta({ description: 'questions' }),
})
const notFound = z.object({ status: z.literal('not_found'), thread_id: z.string(), message: z.string() })

/** The status of a thread. Nothing needs recovery: work of an ended process continues. */
export const recoverRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/api/postchain/recover',
    scope: 'read',
    summary: 'How the last question of a thread stands',
    asksOnly: true,
    body: z.strictObject({ thread_id: threadId }),
    answer: { about: 'the status, or that there is no such thread', schema: z.union([recovered, notFound]) },
    handle: async ({ runtime, body: { thread_id } }) => {
      const thread = await runtime.threads.get(thread_id).catch(unlessMissing)
      if (thread) return standing(thread)
      return { status: 'not_found' as const, thread_id, message: 'No state found for the specified thread ID' }
    },
  }),
]

function standing({ id, asked, asks }: ThreadDocument): z.infer<typeof recovered> {
  const last = asks.at(-1)
  const ended = last?.phases ?? []
  return {
    status: 'recovered',
    thread_id: id,
    run_id: last?.id ?? null,
    phase_states: Object.fromEntries(ended.map(({ phase, status }) => [upstreamPhase(phase), STATES[status]])),
    current_phase: upstreamPhase(ended.at(-1)?.phase ?? 'action'),
    error: last?.problem?.message ?? null,
    message_count: asked,
  }
}

const STATES: { readonly [Status in AskDocument['phases'][number]['status']]: string } = {
  running: 'processing',
  completed: 'complete',
  failed: 'error',
  degraded: 'degraded',
  skipped: 'skipped',
}
