import type { Json } from '../../kernel/schema.ts'
import type { StepContext, StepServices } from '../../step/call/context.ts'
import type { TemplateScope } from '../../template/template.ts'
import type { Compilation } from '../language/compile.ts'
import type { LocatedPipelineText } from '../language/source/bundle.ts'
import type { BatchPolicy } from '../plan/batching.ts'
import type { CompiledPipeline, CompiledStep } from '../plan/compiled.ts'
import type { StepInstance } from '../plan/instance.ts'
import type { PipelineStepStart } from '../plan/messages/step-order.ts'
import type { RunDefinition } from '../plan/reuse-source.ts'
import type { StepStrategies } from '../plan/strategy.ts'

/** A source of an ask, as the chain takes it. */
type OpenedSource = { readonly kind: 'file' | 'folder'; readonly ref: string }

export type PipelineServices = StepServices & {
  /** admits steps while there is room for the values that they read; absent: all of them */
  readonly gate?: { enter(bytes: number): (() => void) | Promise<() => void> }
  /** Opens a thread of an owner, resumes work that an earlier process left, and returns its key. */
  openThread?(thread: string, owner?: string): Promise<string>
  /**
   * The source that a path of an ask names: a file, or a folder, perhaps with a pattern. Rejects for a path that the
   * roots do not permit. Absent: every path is one of a file.
   */
  openSource?(path: string, place: { readonly root: string; readonly roots: readonly string[] }): Promise<OpenedSource>
  /** The hash of the text that an owner uploaded under a name, as a `PipelineBundle`; absent: there are no uploads. */
  findUploaded?(name: string, owner: string): Promise<string | undefined>
  /** Compiles a large child pipeline in a thread; absent: it is compiled here. */
  compileAside?(below: ChildPipelineText, share: string): Promise<Compilation>
  /** The runs of an owner, the newest first; absent: they are not available. */
  readonly runs?: {
    list(owner: string): Promise<readonly RunListing[]>
    read(id: string, owner: string): Promise<RunRecord>
  }
  /** The definition behind a run's results. Undefined: not started, or gone. Absent: child runs reuse nothing. */
  basisOf?(run: string): Promise<RunDefinition | undefined>
  /** which steps share a turn; absent: `fast` */
  readonly batches?: BatchPolicy
  readonly strategies?: StepStrategies
}

/** A step of a pipeline in its attempt, with the values that its templates see. */
export type PipelineContext = StepContext & {
  readonly services: PipelineServices
  readonly start: PipelineStepStart
  readonly pipeline: CompiledPipeline
  readonly step: CompiledStep
  readonly instance: StepInstance
  readonly scope: TemplateScope
  /** for a loop: the scope of its conditions after this many iterations */
  turnScope(turning: number): TemplateScope
}

/** A step of any language that asks by a tool of pipelines; only a step of a pipeline has a place and templates. */
export type AskContext = StepContext & { readonly services: PipelineServices } & Partial<
    Pick<PipelineContext, 'step' | 'instance' | 'scope'>
  >

/** A pipeline that a step runs as a child, as data. */
export type ChildPipelineText = Pick<LocatedPipelineText, 'text' | 'file' | 'includes'> & {
  readonly given: readonly string[]
  /** the base folder of all paths */
  readonly root: string
}

/** The data of another run of the same owner that a step may read. */
export type RunRecord = {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly outputs: { readonly [name: string]: Json }
  readonly steps: { readonly [id: string]: { readonly id: string; readonly status: string; readonly value: Json } }
}

type RunListing = {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly startedAt: number
  readonly finishedAt?: number
}
