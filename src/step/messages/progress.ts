import { z } from 'zod'
import type { Json } from '../../kernel/json.ts'
import { LOG_LEVELS } from '../../tool/once/call-progress.ts'
import { countSchema, optionalField } from '../fields.ts'

const logLine = z.object({ level: z.enum(LOG_LEVELS), text: z.string() })

export const progressMessageSchema = z.object({
  type: z.literal('step-progress'),
  step: z.string(),
  progress: optionalField(z.json()) as z.ZodType<Json | undefined> as never,
  log: z.array(logLine),
  cut: countSchema,
})

/** Words of a step at work to its run: how far it is, and the new lines of its log; `cut`: lines that had no room. */
export type ProgressMessage = {
  readonly type: 'step-progress'
  readonly step: string
  readonly progress?: Json
  readonly log: readonly Readonly<z.infer<typeof logLine>>[]
  readonly cut: number
}

/** The part of a run that records how far a step at work is: its log, and the number of lines that had no room. */
export type StepProgress = Pick<ProgressMessage, 'progress' | 'cut'> & Spoken
/** `at`: when its run heard the progress, in ms since the epoch. */
type Spoken = { readonly log: readonly StepLogLine[]; readonly at?: number }

/** A line that a step at work wrote; `at`: when its run heard it, in ms since the epoch. */
export type StepLogLine = ProgressMessage['log'][number] & { readonly at: number }

const PROGRESS_PREFIX = 'progress/'

/** The name of the part with the `StepProgress` of a step; without a step: its beginning. */
export const progressPart = (step = '') => `${PROGRESS_PREFIX}${step}`

/** Bounds of the log of a step: lines, and characters in all and of a line; and of its progress, as JSON. */
export const PROGRESS_LIMITS = { lines: 200, log: 64 * 1024, line: 4000, progress: 4 * 1024 } as const
