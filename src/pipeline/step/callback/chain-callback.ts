import { isDeepStrictEqual } from 'node:util'
import { scopeOf } from '../../../budget/scope.ts'
import { errorOf, TerminalError, terminalProblem } from '../../../errors.ts'
import { threadRef } from '../../../house/actors.ts'
import { deriveId } from '../../../kernel/commit.ts'
import type { Json } from '../../../kernel/schema.ts'
import { ownerField } from '../../../lib/owner.ts'
import type { CallbackHandler, CallbackVerdict } from '../../../step/call/callback.ts'
import type { CallbackRequest, CallbackResult } from '../../../step/messages/callback.ts'
import { priorityOf, type RunContext } from '../../../step/messages/step-start.ts'
import type { StepParameters } from '../../../step/record/outcome.ts'
import { resolveToRead } from '../../../tool/roots.ts'
import { readRecursion } from '../../language/actions/model-parameters.ts'
import type { StepWork } from '../../plan/compiled.ts'
import type { PipelineContext, PipelineServices } from '../context.ts'

type ChainWork = Extract<StepWork, { readonly type: 'chain' }>

/** A prompt to a thread of the phase chain, as an ask of its own. Its answer is the step's result. */
export const chainCallback: CallbackHandler<StepParameters> = { ask, take }

async function ask(
  parameters: StepParameters,
  { services, step, start, roots, call }: PipelineContext,
): Promise<CallbackRequest> {
  const { prompt, files, thread } = parameters
  if (typeof prompt !== 'string' || prompt.trim() === '')
    throw new TerminalError('parameters.prompt is empty.', { code: 'missing_parameter' })
  const { root } = services
  // an ask reads any file it gets, so the permission check happens here
  const { openSource = openFile } = services
  const found = await Promise.all(listIn(files, 'files', 'paths').map((path) => openSource(path, { root, roots })))
  const sources = found.map((source, index) => ({ id: `f${index + 1}`, ...source }))
  const isNamed = typeof thread === 'string' && thread !== ''
  const name = isNamed ? thread : `${start.run.id}.${start.step}`
  const key = (await services.openThread?.(name, isNamed ? start.run.provenance?.owner : undefined)) ?? name
  return {
    to: threadRef(key),
    body: {
      type: 'ask',
      prompt,
      sources,
      ...optionsOf(parameters),
      ...readRecursion(parameters.recursion),
      ...(parameters.web === false && { web: false }),
      ...toolsIn(parameters.tools, step.work, start.run),
      // a model shares nothing
      ...(isOn(parameters, 'share') && !start.run.chosenByModel && { share: true }),
      ...(isOn(parameters, 'priors') && { priors: true }),
      ...ownerField(start.run.provenance?.owner),
      ...(!isNamed && { aside: true }),
      payer: scopeOf('run', start.run.id),
      ...priorityOf(start),
    },
    work: `ask_${deriveId(call.idempotencyKey, 'ask')}`,
  }
}

const openFile: NonNullable<PipelineServices['openSource']> = async (path, place) => ({
  kind: 'file',
  ref: await resolveToRead(path, place),
})

/** Authors may set only these: the step decides which files are read, and who asks. */
function optionsOf(parameters: StepParameters): StepParameters {
  return Object.fromEntries(CHAIN_OPTIONS.flatMap((name) => (name in parameters ? [[name, parameters[name]!]] : [])))
}

/** The tools of the ask, with the run's rights. None if a model chose it: domains do not give an agent more tools. */
function toolsIn(
  tools: Json | undefined,
  work: StepWork,
  { chosenByModel, untrusted, foreign, denied, workFor }: RunContext,
) {
  if (chosenByModel) return { tools: { names: [] } }
  // names that a template rendered may be those of a caller
  const isForeign = foreign || (untrusted && !isDeepStrictEqual(tools, (work as ChainWork).parameters.tools))
  const origin = {
    ...(untrusted && { untrusted }),
    ...(isForeign && tools !== undefined && { foreign: true }),
    ...(denied && { denied }),
    ...(workFor && { workFor }),
  }
  const asked = {
    ...(tools !== undefined && { names: listIn(tools, 'tools', 'names of tools') }),
    ...(Object.keys(origin).length > 0 && { origin }),
  }
  return Object.keys(asked).length > 0 ? { tools: asked } : {}
}

/** Whether a parameter is true. A template may give it as a text. */
function isOn(parameters: StepParameters, name: string): boolean {
  const given = parameters[name] ?? false
  if (given === true || given === 'true') return true
  if (given === false || given === 'false') return false
  throw new TerminalError(`parameters.${name}: expected true or false.`, { code: 'bad_value' })
}

const CHAIN_OPTIONS = ['modality', 'domain', 'models', 'checks']

function listIn(given: Json | undefined, key: string, what: string): readonly string[] {
  const list = typeof given === 'string' ? given.split(',').map((one) => one.trim()) : (given ?? [])
  if (Array.isArray(list) && list.every((one) => typeof one === 'string')) return list.filter((one) => one !== '')
  throw new TerminalError(`parameters.${key}: expected a list of ${what}.`, { code: 'bad_value' })
}

function take(_question: CallbackRequest, received: CallbackResult): CallbackVerdict {
  if ('problem' in received) throw errorOf(received.problem)
  const { status, answer } = received.value as { readonly [field: string]: Json | undefined }
  const text = typeof answer === 'string' ? answer : ''
  const lacks = lacksOf(received.value as { readonly degraded?: readonly Degraded[] })
  return {
    type: 'result',
    result: received.value,
    text,
    ...(lacks.length > 0 && { lacks }),
    ...(status !== 'completed' && { problem: UNANSWERED }),
  }
}

type Degraded = { readonly phase: string; readonly reason: string }

const lacksOf = ({ degraded = [] }: { readonly degraded?: readonly Degraded[] }) =>
  degraded.map(({ phase, reason }) => `${phase}: ${reason}`)

const UNANSWERED = terminalProblem({ code: 'chain_failed', message: 'the ask returned no answer' })
