import type { EngineView } from '../../engine/engine.ts'
import { parseNow } from '../../kernel/schema.ts'
import { type Executor, type FirstRunMessage, originOfRequest, type PreparedRun } from '../../run/room/executor.ts'
import type { RunRequest } from '../../run/room/port.ts'
import { findRunStart } from '../../run/run.ts'
import { type RunOrigin, runOriginSchema } from '../../step/messages/run-origin.ts'
import { readRef } from '../../step/values.ts'
import type { Blobs } from '../../store/blobs/blobs.ts'
import { storeContext } from '../../work/origin/call-for.ts'
import { checkInputs, grantedPaths } from '../language/parse/inputs/given-inputs.ts'
import type { RunStart } from '../plan/messages/run-start.ts'
import { PIPELINE, type RunState } from '../plan/run-state.ts'
import { readDetail } from '../report/read-step.ts'
import { stepsOfPipelines } from '../report/run-steps.ts'
import { runStartMessage } from '../run/start-message.ts'
import type { PipelineServices } from '../step/context.ts'
import type { Compiler } from './compile/compiler.ts'
import type { Forks, Planned } from './fork.ts'

type Parts = {
  readonly view: EngineView
  readonly values: Blobs
  readonly compiler: Compiler
  readonly forks: Forks
  readonly steps: PipelineServices
}

/** The executor of pipelines: a run is a compiled graph of steps. */
export function pipelineExecutor({ view, values, compiler, forks, steps }: Parts): Executor {
  /** The caller gets the error of a wrong value: the message itself would only become a dead letter. */
  const prepared = ({ pipeline, inputs, origin }: Planned): PreparedRun => ({
    name: pipeline.name,
    async firstMessage() {
      const message = await runStartMessage(values, pipeline, inputs, origin)
      parseNow<unknown>(runOriginSchema, message, 'options')
      return message as FirstRunMessage
    },
  })

  async function plan(request: RunRequest): Promise<Planned & Pick<PreparedRun, 'warnings'>> {
    const { inputs: given = {}, trusted = true } = request
    const { pipeline, from, warnings } = await compiler.compile(request, request)
    const inputs = checkInputs(pipeline, given)
    const context = await storeContext(values, request.context, steps.rules?.names)
    const origin: RunOrigin = {
      ...from,
      ...context,
      ...(trusted && { granted: grantedPaths(pipeline, given) }),
      ...originOfRequest(request, from.foreign),
      ...(request.agents && { agents: request.agents }),
      ...(await forks.recordedFor({ pipeline, inputs, ...context }, request)),
    }
    return { pipeline, inputs, origin, ...(warnings.length > 0 && { warnings }) }
  }

  return {
    accepts: () => true,
    async prepare(request) {
      const planned = await plan(request)
      return { ...prepared(planned), ...(planned.warnings && { warnings: planned.warnings }) }
    },
    prepareFork: async (run, request) => prepared(await forks.planFork(run, request)),
    steps: stepsOfPipelines(view, values),
    async inputs(run) {
      const ref = (await findRunStart(run, view.parts))?.inputs
      const inputs = ref && (await readRef(values, ref))
      return inputs && (steps.secrets?.shown(inputs) ?? inputs)
    },
    detailOf: (step, run) => readDetail(view, steps, step, run),
    source: forks.source,
  }
}

/** The fields in the cell of a run that follow from its first message. */
export const pipelineState = (start: FirstRunMessage): Partial<RunState> => ({
  language: PIPELINE,
  pipeline: (start as RunStart).pipeline,
})
