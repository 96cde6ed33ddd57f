import type { Json, JsonObject } from '../../../kernel/json.ts'
import type { EffectClass } from '../../../kernel/types.ts'
import type { Priority } from '../../../lib/priority.ts'
import type { CacheSetting } from '../../../model/catalogue/model-config.ts'
import type { ModelNeeds } from '../../../model/choose/model-facts.ts'
import type { OnTruncated, PromptCache } from '../../../model/request/request.ts'
import type { ExecutionStrategy } from '../../../run/run.ts'
import type { Backoff, ModelPreference } from '../../../step/policy.ts'
import type { ArtifactSpec } from '../../../step/record/artifact.ts'
import type { LoopShape, StepParameters } from '../../../step/record/outcome.ts'
import type { TextPosition } from '../../../yaml/parse.ts'
import type { AutoTag } from '../../plan/auto-tag.ts'
import type { RecoveryFilter, SyntheticWork } from '../../plan/compiled.ts'
import type { InputSpec } from '../../plan/inputs.ts'
import type { RouteOutcome } from '../../plan/routing.ts'
import type { DocumentPath } from '../diagnostics/finding.ts'

/** A pipeline as its author wrote it, in a uniform form. Each piece has its path in the document. */
export type PipelineSpec = {
  readonly id: string
  readonly name: string
  /** maps that templates can read under their names */
  readonly constants: { readonly [name: string]: Json }
  /** the model of every step that names none */
  readonly model?: ModelPreference
  /** ms, for every step without a timeout of its own */
  readonly timeout?: number
  readonly inputs: { readonly [name: string]: InputSpec }
  readonly steps: readonly StepSpec[]
  readonly outputs: readonly OutputSpec[]
  readonly strategy: ExecutionStrategy
  readonly priority?: Priority
  /** handlers for every step that failed for good, after the step's own handlers */
  readonly handlers: readonly HandlerSpec[]
  /** whether finished steps are undone when the run fails */
  readonly undo: boolean
  /** the <AUTO> tags of the outputs */
  readonly autoTags?: readonly PlacedTag[]
  /** the step that asks for the <AUTO> defaults of inputs that the run does not get */
  readonly teller?: StepSpec
}

export type StepSpec = {
  readonly id: string
  readonly path: DocumentPath
  readonly tool?: string
  readonly action?: string
  /** what its tool must be able to do */
  readonly capabilities?: readonly AuthoredName[]
  /** the author's action, if it is another name of the tool */
  readonly said?: string
  readonly parameters: StepParameters
  readonly parametersPath: DocumentPath
  /** tools that its model may call */
  readonly tools?: readonly AuthoredName[]
  readonly dependencies: readonly { readonly id: string; readonly path: DocumentPath }[]
  /** the compiler created this step, for that work */
  readonly made?: SyntheticWork
  /** dependencies that a model chooses */
  readonly dependsOn?: { readonly text: string; readonly path: DocumentPath }
  /** steps it may wait for, and the step that asks for which of them it does */
  readonly maybe?: { readonly by: string; readonly of: readonly string[] }
  readonly condition?: ConditionSpec
  /** its questions to a model before it runs */
  readonly autoTags?: readonly PlacedTag[]
  readonly loop?: LoopSpec
  readonly modelNeeds?: ModelNeeds
  readonly cache?: CacheSetting
  /** tags by which its cached replies can be dropped */
  readonly cacheTags?: readonly string[]
  readonly onFailure: 'fail' | 'continue' | 'skip' | 'undo'
  /** where the run continues after each outcome */
  readonly routes: readonly RouteSpec[]
  /** steps or models that replace it when it fails, in this order */
  readonly fallback: readonly AuthoredName[]
  readonly handlers: readonly HandlerSpec[]
  readonly lookUp?: LookUpSpec
  /** `on_error:` with a word or a sentence: the id of a step, or a note */
  readonly onError?: AuthoredName
  readonly backoff?: Backoff
  /** attempts in total, if the author set them */
  readonly attempts?: number
  /** ms */
  readonly timeout?: number
  readonly priority?: Priority
  /** ms that it waits for the provider of its model */
  readonly patience?: number
  /** for a reply of its model whose end is missing */
  readonly onTruncated?: OnTruncated
  /** how long the provider keeps the beginning of its requests; absent: as its model says */
  readonly promptCache?: PromptCache
  readonly effect?: EffectClass
  /** the file that it produces */
  readonly artifact?: ArtifactSpec
}

/** How another tool looks the call of a step up. */
type LookUpSpec = {
  readonly path: DocumentPath
  readonly tool: string
  readonly action?: string
  readonly parameters: StepParameters
  readonly effect?: 'pure'
  readonly done: Json
  readonly notDone?: string
  readonly settlesAfter?: number
}

/** A name that an author wrote, and its place. */
export type AuthoredName = { readonly text: string; readonly path: DocumentPath }

/** `asks`: a model chooses the target, and `to` holds the tags. */
export type RouteSpec = {
  readonly on: RouteOutcome
  readonly to: string
  readonly path: DocumentPath
  readonly asks?: readonly PlacedTag[]
}

export type HandlerSpec = {
  readonly path: DocumentPath
  /** a step that runs only in this case */
  readonly task?: AuthoredName
  readonly action?: AuthoredName
  readonly when: RecoveryFilter
  readonly priority: number
  /** whether the step is retried after the handler; absent: if it may be repeated */
  readonly retries?: boolean
  readonly rounds: number
  readonly propagates: boolean
  readonly goesOn: boolean
  readonly value?: Json
  readonly context: boolean
  readonly level?: string
  /** ms */
  readonly timeout?: number
}

export type LoopSpec = {
  readonly kind: LoopShape
  /** the list of a loop over items */
  readonly list?: { readonly value: Json; readonly path: DocumentPath }
  /** the conditions of a loop without a list */
  readonly turns?: RepeatSpec
  /** maximum iterations in flight, or a template that yields the number */
  readonly maxParallel: number | { readonly value: string; readonly path: DocumentPath }
  readonly variable: string
  readonly name: string
  readonly body: readonly StepSpec[]
  /** a failed step ends only its own iteration */
  readonly isolated?: true
  /** ms that the steps of an iteration may take in total */
  readonly limit?: number
}

/** The fields of a step that says nothing. */
export const EMPTY_STEP = {
  parameters: {},
  dependencies: [],
  routes: [],
  fallback: [],
  handlers: [],
  onFailure: 'fail',
} as const

export type RepeatSpec = {
  readonly while?: ConditionSpec
  readonly until?: ConditionSpec
  /** the maximum number of iterations */
  readonly most: { readonly value: Json; readonly path: DocumentPath }
  /** the condition is first evaluated after an iteration */
  readonly after?: true
  /** the <AUTO> tags of its conditions */
  readonly autoTags?: readonly PlacedTag[]
}

export type ConditionSpec = { readonly text: string; readonly path: DocumentPath }

export type OutputSpec = { readonly name: string; readonly value: Json; readonly path: DocumentPath }

/** A tag in the document, with the place of its instruction. */
export type PlacedTag = AutoTag & { readonly path: DocumentPath; readonly within: TextPosition }

/** Maximum steps among which a model may choose. */
export const MAX_ROUTE_CHOICES = 200

/** An empty key counts as absent, except the keys that have a meaning without a value. */
export function dropEmptyKeys(fields: JsonObject, meant: readonly string[]): JsonObject {
  if (!Object.values(fields).includes(null)) return fields
  return Object.fromEntries(Object.entries(fields).filter(([key, value]) => value !== null || meant.includes(key)))
}
