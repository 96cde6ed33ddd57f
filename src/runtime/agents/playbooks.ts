import { resolve } from 'node:path'
import type { AgentDefinition } from '../../agent/definition/definition.ts'
import type { AgentServices } from '../../agent/goal/services.ts'
import type { Playbook } from '../../agent/playbook/playbook.ts'
import { InvalidError, is } from '../../errors.ts'
import { asText, isJsonObject } from '../../kernel/json.ts'
import type { Json } from '../../kernel/schema.ts'
import { checkInputs } from '../../pipeline/language/parse/inputs/given-inputs.ts'
import { type CompiledPipeline, type CompiledStep, OUTPUTS_NODE } from '../../pipeline/plan/compiled.ts'
import type { Inputs } from '../../pipeline/plan/inputs.ts'
import { REJECTED } from '../../pipeline/plan/messages/call-decision.ts'
import { openPipeline } from '../../pipeline/plan/open-pipeline.ts'
import { type ReadParts, readRef, type ValueStore } from '../../pipeline/plan/refs.ts'
import type { StepPart } from '../../pipeline/plan/step-outcome.ts'
import { collectStepParts, readStepValue } from '../../pipeline/report/step-parts.ts'
import { runStartMessage } from '../../pipeline/run/start-message.ts'
import type { Blobs } from '../../store/blobs/blobs.ts'
import { deniedName } from '../../tool/mcp/names-of-call.ts'
import type { Compiler } from '../pipelines/compiler.ts'

/** The file of a playbook, and what it is for. */
type PlaybookFile = Pick<Playbook, 'name' | 'description'> & { readonly file: string; readonly ofSkill?: true }

/**
 * Compiles the playbooks of an agent and of its skills, and stores them. The playbook of a skill that exceeds the rights of the agent is left
 * out.
 * @throws InvalidError `invalid_agent` when the agent's own playbook exceeds its rights
 */
export async function storePlaybooks(
  agent: AgentDefinition,
  { compiler, values, folder }: { readonly compiler: Compiler; readonly values: Blobs; readonly folder: string },
): Promise<readonly Playbook[]> {
  const playbooks: Playbook[] = []
  for (const { name, description, file, ofSkill } of filesOf(agent)) {
    const { pipeline } = await compiler.compile({ file: resolve(folder, file) }, {}).catch((error) => {
      throw shownAs(file, error)
    })
    const excess = excessOf(agent, pipeline)
    if (excess !== undefined && ofSkill) continue
    if (excess !== undefined) throw refused(`${file}: ${excess}`, file)
    // a goal that fails later may undo what the playbook did
    const runnable = agent.onFailure === 'undo' ? { ...pipeline, undoable: true } : pipeline
    playbooks.push({ name, description, pipeline: await values.put(runnable) })
  }
  return playbooks
}

/** A remote caller must not learn where the project lies. */
function shownAs(file: string, error: unknown): unknown {
  if (!is(error, 'InvalidError')) return error
  const { message, code, hint, place } = error
  return new InvalidError(message, { code, hint, place: { ...place, file } })
}

function filesOf({ name, description, playbook, skills }: AgentDefinition): readonly PlaybookFile[] {
  const own = playbook === undefined ? [] : [{ name, description, file: playbook }]
  const ofSkills = skills.flatMap((skill) =>
    skill.playbook === undefined ? [] : [{ ...skill, file: skill.playbook, ofSkill: true as const }],
  )
  return [...own, ...ofSkills]
}

/** The first step of a playbook that exceeds the rights of its agent; undefined if there is none. A playbook uses only tools of its agent. */
export function excessOf(
  { tools, denied = [] }: Pick<AgentDefinition, 'tools' | 'denied'>,
  { steps }: CompiledPipeline,
): string | undefined {
  const names = (list: readonly string[], tool: string) => list.includes(tool) || list.includes(tool.split(':')[0]!)
  for (const [node, step] of Object.entries(steps).flatMap(withRecoveries)) {
    const tool = toolOf(step)
    if (tool === undefined || tool === GATE) continue
    const missing = [tool, ...toolsOfModel(step)].find((one) => !names(tools, one))
    if (missing !== undefined) return `the step ${node} calls ${missing}, which the agent does not have`
    const deniedAs = deniedName(denied, tool, 'parameters' in step.work ? step.work.parameters : {})
    if (deniedAs !== undefined) return `the step ${node} calls ${deniedAs}, which the agent may not call`
  }
  return undefined
}

/** The tool that waits until a person approves. */
export const GATE = 'approval-gate'

/** A step, and the actions that are tried when it has failed. */
function withRecoveries([node, step]: readonly [string, CompiledStep]): (readonly [string, CompiledStep])[] {
  const actions = (step.recoveries ?? []).flatMap(({ action }) => (action ? [[node, action] as const] : []))
  return [[node, step], ...actions]
}

/** The tool that a step calls, with its operation. */
export function toolOf(step: CompiledStep | undefined): string | undefined {
  const { work } = step ?? {}
  if (work?.type === 'ask') return work.tool
  if (work?.type !== 'tool') return undefined
  return work.operation === undefined ? work.tool : `${work.tool}:${work.operation}`
}

/** The tools of a model step. */
function toolsOfModel({ work }: CompiledStep): readonly string[] {
  return work.type === 'ask' && work.model ? work.model.tools : []
}

const refused = (message: string, file: string) => new InvalidError(message, { code: 'invalid_agent', place: { file } })

/** Starts playbooks and reads how they ended. */
export function playbookRuns({
  values,
  readParts,
}: {
  readonly values: ValueStore
  readonly readParts: ReadParts
}): Pick<AgentServices, 'preparePlaybook' | 'describePlaybookEnd'> {
  return {
    async preparePlaybook(hash, goal) {
      const pipeline = await openPipeline(values, hash)
      try {
        const inputs = checkInputs(pipeline, inputsIn(goal, pipeline))
        return { start: (await runStartMessage(values, pipeline, inputs)) as { [field: string]: Json } }
      } catch (error) {
        if (is(error, 'InvalidError')) return { lacks: error.message }
        throw error
      }
    },
    async describePlaybookEnd(run) {
      const steps = await collectStepParts(readParts, run)
      const outputs = steps.get(OUTPUTS_NODE)
      const answer = outputs?.status === 'completed' && outputsText(await readRef(values, outputs.result))
      return {
        ...(answer !== false && { answer }),
        done: await stepsText(steps),
        isWhole: [...steps.values()].every(({ status }) => status === 'completed'),
        isRejected: [...steps.values()].some(isRejected),
      }
    },
  }

  /** The steps that failed, those that were skipped, and those that were done, with their parameters as JSON: they are data. */
  async function stepsText(steps: ReadonlyMap<string, StepPart>): Promise<string> {
    const named = (status: string) =>
      [...steps].filter(([name, part]) => part.status === status && name !== OUTPUTS_NODE)
    const failed = named('failed').map(([name, part]) => `${name}: ${part.status === 'failed' && part.problem.message}`)
    const skipped = named('skipped').map(([name, part]) => (isRejected(part) ? rejectedText(name, part.comment) : name))
    const done = await Promise.all(named('completed').map(([name, part]) => doneText(name, part)))
    const lines = [
      ...(failed.length > 0 ? [`Failed: ${failed.join('; ')}.`] : []),
      ...(skipped.length > 0 ? [`Not done: ${skipped.join(', ')}.`] : []),
      `Done: ${done.join(', ') || 'nothing'}.`,
    ]
    return lines.join(' ').slice(0, MAX_STEPS_TEXT)
  }

  async function doneText(name: string, part: StepPart): Promise<string> {
    const { parameters, result } = await readStepValue(part, values)
    if (isJsonObject(result) && result.approved === false) return rejectedText(name, result.rejection_reason)
    return parameters ? `${name} ${JSON.stringify(parameters).slice(0, MAX_PARAMETERS)}` : name
  }
}

/** Whether a person rejected the call of a step. */
const isRejected = (part: StepPart): part is StepPart & { readonly status: 'skipped'; readonly comment?: string } =>
  part.status === 'skipped' && part.reason === REJECTED

const rejectedText = (step: string, reason: Json | undefined) =>
  `${step} (a person rejected it: ${reason ?? 'without a reason'})`

/** Lines `name: value` of a goal give inputs, and the input `goal` is the whole text. */
function inputsIn(goal: string, { inputs }: Pick<CompiledPipeline, 'inputs'>): Inputs {
  const lines = goal.split('\n').flatMap((line) => {
    const [, name, value] = /^\s*([A-Za-z_][\w-]*):\s*(.+?)\s*$/.exec(line) ?? []
    return name !== undefined && Object.hasOwn(inputs, name) ? [[name, value!] as const] : []
  })
  return { ...(Object.hasOwn(inputs, 'goal') && { goal }), ...Object.fromEntries(lines) }
}

/** A single output stands for itself. */
function outputsText(outputs: Json): string {
  const values = typeof outputs === 'object' && outputs !== null ? Object.values(outputs) : []
  return asText(values.length === 1 ? values[0]! : outputs).slice(0, MAX_ANSWER)
}

const MAX_ANSWER = 64 * 1024

const MAX_STEPS_TEXT = 4000
const MAX_PARAMETERS = 200
