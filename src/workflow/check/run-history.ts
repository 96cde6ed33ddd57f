import { z } from 'zod'
import { json, maybe, type Plain } from '../../document.ts'

const problem = z.looseObject({ code: z.string(), message: z.string() })
const turn = z.object({
  now: z.number(),
  turn: maybe(z.looseObject({ loop: z.number(), iteration: z.number() })).meta({
    description: 'a loop goes on first: the number of its operation, and its iteration',
  }),
  outcomes: z.array(z.union([z.number(), z.array(z.union([z.number(), problem])).length(2)])).meta({
    description: 'the numbers of the operations that ended; with a problem, if no step reports it',
  }),
  operations: z.array(z.array(z.string()).min(2).max(3)).meta({ description: 'type, id and place of each' }),
})

export const runHistory = z
  .object({
    run: z.string(),
    workflow: z.string(),
    version: z.number(),
    startedAt: z.number(),
    seed: z.string().meta({ description: 'of its random numbers' }),
    input: json,
    turns: z.array(turn),
    outcomes: z
      .array(z.object({ number: z.number(), value: maybe(json), problem: maybe(problem) }))
      .meta({ description: 'how operations ended, by their numbers' }),
  })
  .meta({ id: 'RunHistory' })

/** The history of a run of a workflow: a check replays it, in this process or in another one. */
export type RunHistory = Plain<typeof runHistory>
