import type { Engine, EngineView } from '../../engine/engine.ts'
import type { Executor } from '../../run/room/executor.ts'
import type { RunView } from '../../run/run.ts'
import type { ValueStore } from '../../step/values.ts'
import type { Blobs } from '../../store/blobs/blobs.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import { openPipeline } from '../plan/compiled.ts'
import { peekRunState } from '../plan/run-state.ts'
import type { PipelineServices } from '../step/context.ts'
import { belowCompiler, type CompileThread } from './compile/compile-in-thread.ts'
import { type Compiler, createCompiler } from './compile/compiler.ts'
import { pipelineExecutor } from './executor.ts'
import { type Forks, readBasis, runtimeForks } from './fork.ts'
import { findUploaded } from './uploads.ts'

type Parts = Omit<Parameters<typeof createCompiler>[0], 'findUploaded'> & {
  readonly engine: Engine
  readonly values: Blobs
  /** reads runs that have not begun as if they had */
  readonly view: EngineView
  readonly steps: PipelineServices
}

/** The compiler of a runtime, and what reads and forks its runs of pipelines. */
export function openPipelineWork({ engine, view, steps, ...parts }: Parts): {
  readonly compiler: Compiler
  readonly forks: Forks
  readonly executor: Executor
} {
  const compiler = createCompiler({ ...parts, findUploaded: (name, owner) => findUploaded(engine, name, owner) })
  const { values, models } = parts
  const forks = runtimeForks({ engine: { ...engine, view }, values, models, compiler })
  return { compiler, forks, executor: pipelineExecutor({ view, values, compiler, forks, steps }) }
}

/** The services of steps that read pipelines. */
export const pipelineReads = (
  live: { readonly engine: Engine },
  values: Blobs,
  thread: CompileThread,
  toolbox: Toolbox,
): Required<Pick<PipelineServices, 'findUploaded' | 'basisOf' | 'compileAside'>> => ({
  compileAside: belowCompiler(thread, toolbox),
  findUploaded: (name, owner) => findUploaded(live.engine, name, owner),
  basisOf: (run) => readBasis(live.engine, values, run),
})

/** The pipeline of a run, with its limits in dollars. Undefined: it is none of a pipeline, or has not begun. */
export async function pipelineOfRun(view: RunView, values: Pick<ValueStore, 'get'>, run: string) {
  const state = await peekRunState(view, run)
  return state && openPipeline(values, state.pipeline)
}
