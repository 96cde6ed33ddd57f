import { is, problemOf } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import type { Json } from '../../kernel/schema.ts'
import { replyIn } from '../../model/reply/failed-reply.ts'
import type { RunDocument, StepDetail, StepDocument } from '../../run/document.ts'
import type { RunReader } from '../../run/room/report/read-run.ts'
import { decodeStep } from '../../step/messages/codec.ts'
import { readStepPart } from '../../step/messages/step-parts.ts'
import { modelCandidates } from '../../step/model-call/ask-model.ts'
import { resultOf, type StepPart, type StepValue, stepPartName } from '../../step/record/outcome.ts'
import { readRef } from '../../step/values.ts'
import { openPipeline } from '../plan/compiled.ts'
import { instanceId, instanceOf, loopPartName, loopsAround } from '../plan/instance.ts'
import type { PipelineStepStart } from '../plan/messages/step-order.ts'
import { peekRunState } from '../plan/run-state.ts'
import { startReadSet } from '../run/start-reads.ts'
import { stepStartMessage } from '../run/start-step.ts'
import { openContext } from '../step/attempt.ts'
import type { PipelineContext, PipelineServices } from '../step/context.ts'
import { promptFor, shownPrompt } from '../step/model-call/given-prompt.ts'
import { modelRequestOf, namedModels } from '../step/model-call/model-request.ts'
import { renderAll, renderToolParameters } from '../step/templates/render.ts'

/** Reads the parameters, the messages and the reply of a step, which its document has not. */
export async function readDetail(
  view: RunReader,
  services: PipelineServices,
  { id, model, status }: StepDocument,
  { execution_id: run }: RunDocument,
): Promise<Partial<StepDetail>> {
  const part = await readStepPart(view.parts, run, id)
  const value = await storedValue(part, services)
  const rendered = await renderAgain(view, services, run, { id, model, value })
  const isAnswered = model !== null || (status === 'failed' && typeof value?.fields?.text === 'string')
  const reply = isAnswered ? replyOf(value) : part?.status === 'failed' ? replyIn(part.problem) : undefined
  return { ...rendered, ...(reply !== undefined && { reply }) }
}

async function storedValue(part: StepPart | undefined, { values }: PipelineServices) {
  const result = resultOf(part)
  return result && ((await readRef(values, result)) as StepValue)
}

function replyOf(value: StepValue | undefined): string | undefined {
  if (!value) return undefined
  const { fields = {}, result } = value
  if (typeof fields.text === 'string') return fields.text
  return typeof result === 'string' ? result : JSON.stringify(result)
}

type Rendering = Pick<StepDetail, 'parameters' | 'messages' | 'changed' | 'given_files' | 'not_rendered'>

/** Recorded parameters take precedence; the rest is rendered again from the same values. */
async function renderAgain(
  view: RunReader,
  services: PipelineServices,
  run: string,
  { id, model, value }: { readonly id: string; readonly model: string | null; readonly value: StepValue | undefined },
): Promise<Rendering> {
  const recorded = value?.parameters && { parameters: value.parameters }
  try {
    const context = await reopenStep(view, services, run, id)
    const { work } = context.step
    if (work.type !== 'text') return recorded ?? parametersOf(context)
    const parameters =
      value?.parameters ?? asParameters(renderAll(work.parameters, context.pipeline, context.scope, PARAMETERS_PATH))
    const request = modelRequestOf(work.action, work.parameters, parameters, context)
    const asked = model ?? modelCandidates(context, namedModels(parameters))[0]?.id
    const { given } = value ?? {}
    if (!given) return { parameters, messages: (await promptFor(request, asked, context))() }
    const shown = await shownPrompt(request, asked, given, context)
    const files = given.files?.map(({ digest: _, ...file }) => file)
    return { parameters, ...shown, ...(files && { given_files: files }) }
  } catch (error) {
    if (!is(error)) throw error
    return { ...recorded, not_rendered: problemOf(error).message }
  }
}

const PARAMETERS_PATH = ['parameters']

function parametersOf({ step: { work }, pipeline, scope, services }: PipelineContext): Rendering {
  if (work.type === 'tool') {
    const tool = services.toolbox.find(work.tool, work.operation)
    return { parameters: renderToolParameters(tool ?? {}, work.parameters, pipeline, scope) }
  }
  if (work.type === 'ask' || work.type === 'chain')
    return { parameters: renderAll(work.parameters, pipeline, scope, PARAMETERS_PATH) }
  return {}
}

const asParameters = (value: Json) => value as { readonly [name: string]: Json }

/** The progress of a loop that has ended: its list only. */
async function endedLoop({ values }: PipelineServices, part: StepPart | undefined): Promise<Json> {
  const ref = part?.status === 'completed' || part?.status === 'failed' ? part.list : undefined
  const list = ref && (await readRef(values, ref))
  return { length: Array.isArray(list) ? list.length : 0, ms: 0 }
}

/** The context of the step as it started, for reading only. */
async function reopenStep(
  view: RunReader,
  services: PipelineServices,
  run: string,
  id: string,
): Promise<PipelineContext> {
  const self = runRef(run)
  const state = (await peekRunState(view, run))!
  const pipeline = await openPipeline(services.values, state.pipeline)
  const starts = [{ id }]
  const parts: { [name: string]: Json | undefined } = {}
  for (const name of startReadSet(pipeline, starts)) parts[name] = await readSinglePart(view.parts, self, name)
  for (const loop of loopsAround(instanceOf(pipeline, id)))
    parts[loopPartName(instanceId(loop))] ??= await endedLoop(
      services,
      decodeStep(parts[stepPartName(instanceId(loop))]),
    )
  const start = stepStartMessage(pipeline, state, { id }, self, parts).body as PipelineStepStart
  const { signal } = new AbortController()
  return openContext({
    services,
    open: () => pipeline,
    start,
    self,
    emit() {},
    call: { signal, idempotencyKey: '', attempt: 1 },
  })
}
