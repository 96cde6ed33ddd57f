import { z } from 'zod'
import { maybe, type Plain, time } from '../../document.ts'

const summary = {
  id: z.string(),
  agent: z.string(),
  owner: z.string(),
  form: z.string().meta({ description: 'the text of the goals it is for, with the names of inputs in braces' }),
  status: z.enum(['proposed', 'accepted', 'certain', 'rejected']).meta({
    description:
      '`proposed`: it waits for a person; `certain`: no value in it can be a decision, and goals with `learn: on` follow it',
  }),
  goal: z.string().meta({ description: 'id of the goal it was learned from' }),
  learnedAt: time,
  usedAt: maybe(time).meta({ description: 'absent: it was never used' }),
  uses: z.number(),
  failures: z.number().meta({ description: 'failures in a row' }),
}

/** An entry in a list of learned playbooks. */
export const playbookSummary = z.object(summary).meta({ id: 'PlaybookSummary' })

/** A learned playbook as a list shows it; times in ms since the epoch. */
export type PlaybookSummary = Plain<typeof playbookSummary>

/** The calls of a learned playbook, with the origin of each value. */
const learnedCalls = maybe(
  z.array(
    z.object({
      step: z.string(),
      tool: z.string(),
      values: z.array(z.object({ name: z.string(), from: z.array(z.string()) })),
    }),
  ),
).meta({ description: 'each call with the origin of its values; absent if an earlier version learned it' })

/** The facts that a person reads before accepting a playbook. */
const content = {
  calls: learnedCalls,
  answer: z.string().meta({ description: 'the answer of a goal that follows it' }),
}

/** A learned playbook with its pipeline. */
export const playbookDocument = z
  .object({ ...summary, ...content, pipeline: z.string().meta({ description: 'the pipeline as YAML' }) })
  .meta({ id: 'Playbook' })

export const playbookItem = z
  .object({
    kind: z.literal('playbook'),
    playbook: z.string().meta({ description: 'its id' }),
    agent: z.string(),
    owner: z.string(),
    goal: summary.goal,
    form: summary.form,
    since: time.meta({ description: 'when it was learned, ms since the epoch' }),
    title: z.string(),
    ...content,
    expects: z.object({ type: z.literal('playbook'), choices: z.tuple([z.literal('accept'), z.literal('reject')]) }),
  })
  .meta({ id: 'PlaybookItem' })

/** A learned playbook that waits for a person: `playbooks.accept` and `playbooks.reject` answer it. */
export type PlaybookItem = Plain<typeof playbookItem>

/** A learned playbook with its pipeline as YAML. */
export type LearnedPlaybookDocument = Plain<typeof playbookDocument>
