import { z } from 'zod'
import { json, maybe } from '../../document.ts'
import { givenId, id, listOf, page } from '../../house/common-fields.ts'
import { describe } from '../../house/describe.ts'
import { ownerName } from '../../house/scope.ts'
import { signalNameSchema } from '../../step/messages/signal.ts'
import { inboxItem } from '../../thread/room/documents/inbox.ts'
import { inboxOperations } from '../facts.ts'

const inboxQuery = z.object({
  run: maybe(id.meta({ description: 'only the steps of this run' })),
  goal: maybe(id.meta({ description: 'only of this goal and the work below it; not beside `run`' })),
  thread: maybe(id.meta({ description: 'only of this thread and the work for it; not beside `run` or `goal`' })),
  agent: maybe(z.string().min(1).max(200).meta({ description: 'only what waits for this agent' })),
  tool: maybe(z.string().min(1).max(200).meta({ description: 'only calls of this tool, such as `filesystem:write`' })),
  owner: maybe(ownerName.meta({ description: 'only of this owner; for staff and an admin' })),
  content: maybe(z.enum(['whole', 'none'])).meta({
    description:
      '`whole`, with `run`, `goal` or `thread`: contents are not cut; `none`: contents of steps are not read',
  }),
  ...page,
})

const approval = z.strictObject({
  action: z.enum(['approve', 'reject', 'modify']).default('approve'),
  reason: maybe(z.string().max(10_000)),
  content: maybe(json).meta({ description: 'replacement content, for modify' }),
  digest: maybe(z.string()).meta({
    description: 'required to approve a content over 16 KiB; `GET /v1/inbox?run=RUN&content=whole` shows it',
  }),
  signal: maybe(signalNameSchema).meta({ description: 'required if several approvals wait' }),
  id: maybe(givenId),
})

/** The inbox: a list of everything that waits for people, and the approvals of a run. */
export const INBOX_CONTRACT = describe(inboxOperations, {
  'inbox.approve': {
    scope: 'approve',
    summary: 'Approve, reject or modify what a run waits for',
    description: 'Without an `id` and an Idempotency-Key, a repeated request answers the next approval of the run.',
    body: approval,
    idempotent: true,
    answer: { about: 'the run has received the answer', schema: z.object({ status: z.enum(['taken', 'kept']) }) },
    errors: ['not_found', 'run_over', 'not_waiting', 'not_shown', 'bad_value', 'id_taken'],
  },
  'inbox.list': {
    scope: ['read', 'approve', 'run', 'ask', 'memory'],
    passes: 'filter',
    summary: 'List what waits for people, longest wait first',
    description:
      'Without `read`, a caller gets the items that it may answer: `approve` approvals, questions and unknown outcomes; `run` signals, goals and budgets; `ask` decisions and consents; `memory` proposed facts.',
    query: inboxQuery,
    answer: { about: 'a page of the inbox', schema: listOf(inboxItem) },
    errors: ['bad_cursor', 'not_found'],
  },
})
