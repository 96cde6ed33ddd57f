import { z } from 'zod'
import { json, maybe, type Plain } from '../../../document.ts'

export const codeReport = z
  .object({
    changes: z.array(
      z.object({
        agent: z.string(),
        outcome: z.enum(['goes-on', 'asks', 'keeps', 'lacks']).meta({
          description:
            '`goes-on`: with the new code; `asks`: a person has to answer; `keeps`: its agent says `finish-old`; `lacks`: this process has no code of it',
        }),
        changes: z.array(z.string()).meta({ description: 'such as `refund input: + reason (required)`' }),
        goals: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: 'CodeReport' })

/** The goals whose code has changed, by agent and change, and what became of them. */
export type CodeReport = Plain<typeof codeReport>

export const goalNeeds = z
  .object({
    needs: z.array(
      z.object({
        agent: z.string(),
        goals: z.array(z.string()),
        definition: z.record(z.string(), json).meta({ description: 'the keys that name code, as the goals have them' }),
        noAnswer: maybe(z.literal(true)).meta({
          description: 'the goals take changed code without an answer, unless their agent says `finish-old`',
        }),
        ofStep: maybe(z.literal(true)).meta({ description: 'a step of a run brought the agent' }),
      }),
    ),
  })
  .meta({ id: 'GoalNeeds' })

/** The code that goals in flight need: those with one definition stand together. */
export type GoalNeeds = Plain<typeof goalNeeds>
