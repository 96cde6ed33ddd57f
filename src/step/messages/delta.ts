import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'

/**
 * A volatile event of a run, for its present followers: text of a model as it grows, and a retry. `at` is the number of
 * characters before this piece. The values that a tool gives to `emit` come between them.
 */
export type RunDelta =
  | { readonly type: 'text-delta'; readonly step: string; readonly text: string; readonly at: number }
  /** the text begins again at 0 */
  /** words of a step at work: how far it is, and a line of its log */
  | { readonly type: 'step-progress'; readonly step: string; readonly progress: Json }
  | {
      readonly type: 'step-log'
      readonly step: string
      readonly level: 'debug' | 'info' | 'warn' | 'error'
      readonly text: string
    }
  | { readonly type: 'text-restart'; readonly step: string; readonly reason: string }
  /** the call failed, and is made again after `delay` ms */
  | {
      readonly type: 'step-retry'
      readonly step: string
      readonly attempts: number
      readonly delay: number
      readonly problem: Problem
    }
