import { z } from 'zod'
import { maybe, type Plain, time } from '../../document.ts'
import { givenId, page } from '../../house/common-fields.ts'
import { describe, pages } from '../../house/describe.ts'
import { runFilterFields } from '../../run/room/contract.ts'
import { MAX_BULK, standing } from '../actor.ts'
import { bulkOperations } from '../facts.ts'
import { cursorOfBulk } from './port.ts'

const action = z.enum(['cancel', 'resume', 'fork'])

const request = z
  .strictObject({
    action,
    runs: maybe(z.array(z.string().min(1).max(300)).min(1).max(MAX_BULK)).meta({ description: 'ids of runs' }),
    where: maybe(z.strictObject(runFilterFields)).meta({ description: 'a filter, as the list of runs has it' }),
    reason: maybe(z.string().min(1).max(1000)).meta({ description: 'of `cancel`; stored with each run' }),
    undo: maybe(z.boolean()).meta({ description: 'of `cancel`: undo completed steps first' }),
    at: maybe(z.string().min(1).max(1000)).meta({ description: 'of `fork`: the step to execute again' }),
    dryRun: maybe(z.boolean()).meta({ description: 'only say which runs' }),
    id: maybe(givenId),
  })
  .refine(({ runs, where }) => (runs === undefined) !== (where === undefined), 'expected exactly one of runs and where')

const progress = {
  action,
  total: z.number().meta({ description: 'runs that it is about' }),
  picked: maybe(standing).meta({
    description:
      'of `cancel`: how its runs stood when they were picked. They waited for their time (`timed`) or for their turn (`queued`), had begun (`running`), or had ended or were missing (`ended`)',
  }),
  done: z.number(),
  skipped: z.number().meta({ description: 'runs that had ended before' }),
  failed: z.number(),
  waits: maybe(z.string()).meta({ description: 'why it does not go on now; it tries again by itself' }),
  endedAt: maybe(time),
}

const owner = z.string().meta({ description: 'of the caller that began it' })

const summary = z
  .object({ id: z.string(), owner, status: z.enum(['pending', 'done']), at: time, ...progress })
  .meta({ id: 'BulkSummary' })

/** An operation on many runs in a list. Times in ms since the epoch. */
export type BulkSummary = Plain<typeof summary>

const bulk = z
  .object({
    id: maybe(z.string()).meta({ description: 'absent: nothing was begun' }),
    owner: maybe(owner),
    status: z.enum(['pending', 'done', 'dry-run']),
    ...progress,
    failures: z
      .array(z.object({ run: z.string(), code: z.string(), message: z.string() }))
      .meta({ description: 'the first 100 of them' }),
    runs: maybe(z.array(z.string())).meta({ description: 'of `dryRun`: the first 100 runs' }),
    at: maybe(time),
  })
  .meta({ id: 'Bulk' })

/** An operation on many runs, and how far it is. Times in ms since the epoch. */
export type Bulk = Plain<typeof bulk>

const answer = { about: 'the operation', schema: bulk }

/** Operations on many runs at once. */
export const BULKS = describe(bulkOperations, {
  'bulks.start': {
    scope: 'run',
    summary: 'Cancel, resume or fork many runs, by ids or by a filter',
    description: `At most ${MAX_BULK} runs. It goes on after this response, and after a crash. Each run is counted once: as done, as skipped because it had ended, or as failed with the reason. By a filter, \`cancel\` and \`resume\` take open runs only.`,
    body: request,
    idempotent: true,
    answer,
    errors: ['bad_value', 'id_taken', 'being_forgotten', 'storage'],
  },
  'bulks.list': {
    scope: 'read',
    passes: 'filter',
    summary: 'List operations on many runs, the newest first',
    query: z.object(page),
    answer: pages('a page of operations', summary, cursorOfBulk, true),
    errors: ['bad_cursor'],
  },
  'bulks.get': {
    scope: 'read',
    summary: 'Show how far an operation on many runs is',
    answer,
    errors: ['not_found'],
  },
})
