import type { AutoTag } from './auto-tag.ts'

/** Whether a step runs, and where the run continues. Without it the step always runs, and then its dependents. */
export type StepRouting = {
  readonly condition?: string
  /** routes by outcome: the run continues there instead of with the dependents */
  readonly routes?: { readonly [end in RouteKey]?: StepRoute }
  /** by outcome: the question that lets a model choose among these routes */
  readonly dynamicRoutes?: { readonly [end in RouteOutcome]?: DynamicRoute }
  /** the step waits for the steps that may lead to it, and runs only when one does */
  readonly onDemand?: true
  /** steps whose failure may lead to it */
  readonly failures?: readonly string[]
  /** a route may skip it */
  readonly skippable?: true
  /** not part of the graph: runs only as a fallback or handler of a failed step */
  readonly standby?: true
}

export type RouteOutcome = 'success' | 'failure' | 'false'

/** The key of a route: the outcome, and the target when there are several for one outcome. */
export type RouteKey = RouteOutcome | 'unreached' | `${RouteOutcome}:${string}`

/** A route whose target a model chooses: the template, its questions, and the possible targets. */
export type DynamicRoute = {
  readonly text: string
  readonly autoTags: readonly AutoTag[]
  readonly to: readonly string[]
}

/** A route past other steps: it skips all of `over`; `to` may run. */
export type StepRoute = { readonly to?: string; readonly over: readonly string[] }
