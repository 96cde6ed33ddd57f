import type { JsonObject } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { EffectClass } from '../../../kernel/types.ts'
import type { CacheSetting } from '../../../model/catalogue/model-config.ts'
import type { ModelNeeds } from '../../../model/choose/model-facts.ts'
import type { TextPosition } from '../../../yaml/parse.ts'
import type { ArtifactSpec } from '../../plan/artifact.ts'
import type { AutoTag } from '../../plan/auto-tag.ts'
import type {
  Backoff,
  LoopKind,
  ModelPreference,
  RecoveryFilter,
  RouteOutcome,
  StepParameters,
  SyntheticWork,
} from '../../plan/compiled.ts'
import type { InputSpec } from '../../plan/inputs.ts'
import type { DocumentPath } from '../diagnostics/finding.ts'

/** A pipeline as its author wrote it, in one spelling, each piece with the way to it in the document. */
export type PipelineSpec = {
  readonly id: string
  readonly name: string
  /** maps that templates can read under their names */
  readonly constants: { readonly [name: string]: Json }
  /** the model of every step that names none */
  readonly model?: ModelPreference
  /** ms, of every step that has none of its own */
  readonly timeout?: number
  readonly inputs: { readonly [name: string]: InputSpec }
  readonly steps: readonly StepSpec[]
  readonly outputs: readonly OutputSpec[]
  readonly strategy: ExecutionStrategy
  /** what becomes of every step that failed for good, after its own handlers */
  readonly handlers: readonly HandlerSpec[]
  /** whether finished steps are undone when the run fails */
  readonly undo: boolean
  /** what the outputs ask a model */
  readonly autoTags?: readonly PlacedTag[]
  /** what tells the defaults of inputs that were not given */
  readonly teller?: StepSpec
}

/** parallel: what is ready runs · sequential: one step at a time, in the author's order as far as dependencies allow. */
export type ExecutionStrategy = 'parallel' | 'sequential'

/** The words of `strategy:`. */
export const EXECUTION_STRATEGIES = ['parallel', 'sequential'] as const satisfies readonly ExecutionStrategy[]

export type StepSpec = {
  readonly id: string
  readonly path: DocumentPath
  readonly tool?: string
  readonly action?: string
  /** the action its author wrote, where that is another name of its tool */
  readonly said?: string
  readonly parameters: StepParameters
  readonly parametersPath: DocumentPath
  readonly dependencies: readonly { readonly id: string; readonly path: DocumentPath }[]
  /** the compiler made it, to do that */
  readonly made?: SyntheticWork
  /** dependencies that a model is to tell */
  readonly dependsOn?: { readonly text: string; readonly path: DocumentPath }
  /** steps it may wait for, and the one that tells for which of them it does */
  readonly maybe?: { readonly by: string; readonly of: readonly string[] }
  readonly condition?: ConditionSpec
  /** what it asks a model before it acts */
  readonly autoTags?: readonly PlacedTag[]
  readonly loop?: LoopSpec
  readonly modelNeeds?: ModelNeeds
  readonly cache?: CacheSetting
  /** what the replies can be dropped by */
  readonly cacheTags?: readonly string[]
  readonly onFailure: 'fail' | 'continue' | 'skip' | 'undo'
  /** where it goes on when it ended so */
  readonly routes: readonly RouteSpec[]
  /** steps or models that stand in for it, in this order */
  readonly fallback: readonly AuthoredName[]
  readonly handlers: readonly HandlerSpec[]
  /** `on_error:` with a word or a sentence: a step's id, or what to note */
  readonly onError?: AuthoredName
  readonly backoff?: Backoff
  /** attempts in all, when the author said so */
  readonly attempts?: number
  /** ms */
  readonly timeout?: number
  readonly effect?: EffectClass
  /** the file it makes */
  readonly artifact?: ArtifactSpec
}

/** A name that an author wrote, and where. */
export type AuthoredName = { readonly text: string; readonly path: DocumentPath }

/** `asks`: a model tells where to, and `to` holds the tags. */
export type RouteSpec = {
  readonly on: RouteOutcome
  readonly to: string
  readonly path: DocumentPath
  readonly asks?: readonly PlacedTag[]
}

export type HandlerSpec = {
  readonly path: DocumentPath
  /** a step that is done only then */
  readonly task?: AuthoredName
  readonly action?: AuthoredName
  readonly when: RecoveryFilter
  readonly priority: number
  /** whether the step is tried again after the handler; absent: if it may be repeated */
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
  readonly kind: LoopKind
  /** what it goes over */
  readonly list?: { readonly value: Json; readonly path: DocumentPath }
  /** how often it turns, where it goes over nothing */
  readonly turns?: RepeatSpec
  /** iterations in flight at once; a template may tell */
  readonly maxParallel: number | { readonly value: string; readonly path: DocumentPath }
  readonly variable: string
  readonly name: string
  readonly body: readonly StepSpec[]
  /** a step that fails ends its own iteration only */
  readonly isolated?: true
  /** ms that the steps of an iteration may take together */
  readonly limit?: number
}

export type RepeatSpec = {
  readonly while?: ConditionSpec
  readonly until?: ConditionSpec
  /** how often at most */
  readonly most: { readonly value: Json; readonly path: DocumentPath }
  /** it is asked only after a turn */
  readonly after?: true
  /** what its conditions ask a model */
  readonly autoTags?: readonly PlacedTag[]
}

export type ConditionSpec = { readonly text: string; readonly path: DocumentPath }

export type OutputSpec = { readonly name: string; readonly value: Json; readonly path: DocumentPath }

/** A tag in the document: with where its instruction stands there. */
export type PlacedTag = AutoTag & { readonly path: DocumentPath; readonly within: TextPosition }

/** Among how many steps a model may choose. */
export const MAX_ROUTE_CHOICES = 200

/** A key that is left empty is as if it were not there, but for those that mean something without a value. */
export function dropEmptyKeys(fields: JsonObject, meant: readonly string[]): JsonObject {
  if (!Object.values(fields).includes(null)) return fields
  return Object.fromEntries(Object.entries(fields).filter(([key, value]) => value !== null || meant.includes(key)))
}
