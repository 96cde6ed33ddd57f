import { z } from 'zod'
import { maybe, type Plain, time } from './basic.ts'

const summary = {
  id: z.string(),
  agent: z.string(),
  owner: z.string(),
  form: z.string().meta({ description: 'the text of the goals it is for, with the names of inputs in braces' }),
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

/** A learned playbook with its pipeline. */
export const playbookDocument = z
  .object({ ...summary, pipeline: z.string().meta({ description: 'the pipeline as YAML' }) })
  .meta({ id: 'Playbook' })

/** A learned playbook with its pipeline as YAML. */
export type LearnedPlaybookDocument = Plain<typeof playbookDocument>
