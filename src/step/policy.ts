import { isBusy, type Problem } from '../errors.ts'
import type { EffectClass } from '../kernel/types.ts'
import type { Priority } from '../lib/priority.ts'
import type { CacheSetting } from '../model/catalogue/model-config.ts'
import type { ModelNeeds } from '../model/choose/model-facts.ts'
import type { OnTruncated, PromptCache } from '../model/request/request.ts'
import type { CallCondition } from '../tool/tool-request.ts'

/** How the work of a step is attempted. */
export type WorkPolicy = {
  readonly effect: EffectClass
  /** maximum number of attempts */
  readonly attempts: number
  /** the author set the attempts: failures that a tool only reports are retried, and attempts that a kill cut count */
  readonly retryReported?: true
  /** the delay between attempts, when the author set one */
  readonly backoff?: Backoff
  /** ms */
  readonly timeout?: number
  /** of its work and of the work that it starts; absent: that of its run */
  readonly priority?: Priority
  /** the environment that must have a version; otherwise the step fails before it acts */
  readonly when?: CallCondition
  /** no person approved it, so it writes only in the folders under `writes:` */
  readonly writesWithin?: 'area'
}

/** Delays between attempts: `first` ms, multiplied by `factor` each time, at most `most`, randomized with `jitter`. */
export type Backoff = {
  readonly first: number
  readonly factor: number
  readonly most: number
  readonly jitter: boolean
}

/** How a step uses models. */
export type ModelTerms = {
  /** requirements on the model that does its work */
  readonly needs?: ModelNeeds
  /** whether replies are stored and reused */
  readonly cache?: CacheSetting
  /** ms that it waits for the provider; absent: as its pool says */
  readonly patience?: number
  /** for a reply whose end is missing; absent: it is kept, and the step is degraded */
  readonly onTruncated?: OnTruncated
  /** how long the provider keeps the beginning of its requests; absent: as its model says */
  readonly promptCache?: PromptCache
}

/** Models by name, in the order they are tried, or the requirements they must meet. */
export type ModelPreference = { readonly names?: readonly string[]; readonly needs?: ModelNeeds }

/** Whether another attempt is due: always when a pool is full, never after a terminal problem. */
export function mayRetry(problem: Problem, attempt: number, attempts: number): boolean {
  return isBusy(problem) || (problem.terminal !== true && attempt < attempts)
}
