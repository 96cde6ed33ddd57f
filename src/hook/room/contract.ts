import { z } from 'zod'
import { maybe } from '../../document.ts'
import { listOf } from '../../house/common-fields.ts'
import { describe } from '../../house/describe.ts'
import { hookName, SCHEMES } from '../definition.ts'
import { hookOperations } from '../facts.ts'

const document = z
  .object({
    name: z.string(),
    owner: z.string().meta({ description: 'the owner of its work' }),
    verify: z.enum(SCHEMES),
    events: maybe(z.array(z.string())).meta({ description: 'the types of events that count; absent: all' }),
    path: z.string().meta({ description: 'its path on this server' }),
    work: z.string().meta({ description: 'what a delivery does' }),
    problem: maybe(z.string()).meta({ description: 'why no delivery is accepted' }),
  })
  .meta({ id: 'Hook' })

const receipt = z
  .object({
    status: z.enum(['started', 'signalled', 'repeated', 'ignored']),
    id: maybe(z.string()).meta({ description: 'the run or the goal' }),
  })
  .meta({ id: 'Delivery' })

/** Webhooks that come in. */
export const HOOKS = describe(hookOperations, {
  'hooks.list': {
    scope: 'read',
    summary: 'List the webhooks that this server takes',
    answer: { about: 'the hooks', schema: listOf(document) },
  },
  'hooks.deliver': {
    scope: null,
    summary: 'Deliver a signed webhook; it starts or signals a run, once for each id',
    description:
      'Its signature opens it, and no key. The body is JSON of at most 1 MiB. 202: the work is durable. A delivery that is repeated is answered with what the first one did.',
    params: z.object({ name: hookName }),
    answer: { about: 'the work is durable', status: 202, schema: receipt },
    errors: [
      ...(['not_found', 'hook_signature', 'hook_time', 'hook_secret', 'hook_field', 'too_large'] as const),
      ...(['unsupported_type', 'invalid_pipeline', 'id_taken', 'run_over', 'busy', 'queue_busy', 'storage'] as const),
    ],
  },
  'hooks.signal': {
    scope: null,
    summary: 'Send JSON to the one-time address of a wait of a workflow',
    description:
      'Its token opens it, and no key. The body is JSON of at most 1 MiB, and its value at most 32 KiB. The schema of the wait refuses a wrong value, and the first value that fits counts. 202: it is durable.',
    params: z.object({ of: z.string().max(300), step: z.string().max(300), token: z.string().max(100) }),
    answer: { about: 'the value is durable', status: 202, schema: receipt },
    errors: [
      ...(['not_found', 'signal_address_over', 'bad_value', 'too_large', 'unsupported_type', 'run_over'] as const),
      ...(['busy', 'storage'] as const),
    ],
  },
})
