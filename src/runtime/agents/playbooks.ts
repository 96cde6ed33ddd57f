import { resolve } from 'node:path'
import type { AgentDefinition } from '../../agent/definition/definition.ts'
import type { Playbook } from '../../agent/playbook/playbook.ts'
import type { AgentServices } from '../../agent/services.ts'
import { InvalidError, is } from '../../errors.ts'
import { asText } from '../../kernel/json.ts'
import type { Json } from '../../kernel/schema.ts'
import { checkInputs } from '../../pipeline/language/parse/inputs/given-inputs.ts'
import { decodeStep } from '../../pipeline/plan/codec.ts'
import { type CompiledPipeline, type CompiledStep, OUTPUTS_NODE } from '../../pipeline/plan/compiled.ts'
import type { Inputs } from '../../pipeline/plan/inputs.ts'
import { stepPartName } from '../../pipeline/plan/instance.ts'
import { openPipeline } from '../../pipeline/plan/open-pipeline.ts'
import { justBeforePrefix, type ReadParts, readRef, runRef, type ValueStore } from '../../pipeline/plan/refs.ts'
import type { StepPart } from '../../pipeline/plan/step-outcome.ts'
import { runStartMessage } from '../../pipeline/run/start-message.ts'
import type { Blobs } from '../../store/blobs/blobs.ts'
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
    const { pipeline } = await compiler.compile({ file: resolve(folder, file) }, {})
    const excess = excessOf(agent, pipeline)
    if (excess !== undefined && ofSkill) continue
    if (excess !== undefined) throw refused(`${file}: ${excess}`, file)
    playbooks.push({ name, description, pipeline: await values.put(pipeline as unknown as Json) })
  }
  return playbooks
}

function filesOf({ name, description, playbook, skills }: AgentDefinition): readonly PlaybookFile[] {
  const own = playbook === undefined ? [] : [{ name, description, file: playbook }]
  const ofSkills = skills.flatMap((skill) =>
    skill.playbook === undefined ? [] : [{ ...skill, file: skill.playbook, ofSkill: true as const }],
  )
  return [...own, ...ofSkills]
}

/**
 * The first step of a playbook that exceeds the rights of its agent; undefined if there is none. A playbook uses only tools of its agent, and
 * has an approval-gate before each tool that the agent's `approve` names.
 */
export function excessOf(
  { tools, approve }: Pick<AgentDefinition, 'tools' | 'approve'>,
  { steps }: CompiledPipeline,
): string | undefined {
  const names = (list: readonly string[], tool: string) => list.includes(tool) || list.includes(tool.split(':')[0]!)
  for (const [node, step] of Object.entries(steps).flatMap(withRecoveries)) {
    const tool = toolOf(step)
    if (tool === undefined || tool === GATE) continue
    if (!names(tools, tool)) return `the step ${node} calls ${tool}, which the agent does not have`
    const isGated = step.needs.some((need) => toolOf(steps[need]) === GATE)
    if (Array.isArray(approve) && names(approve, tool) && !isGated)
      return `the step ${node} calls ${tool}, which waits for a person; it needs an approval-gate before it`
  }
  return undefined
}

const GATE = 'approval-gate'

/** A step, and the actions that are tried when it has failed. */
function withRecoveries([node, step]: readonly [string, CompiledStep]): (readonly [string, CompiledStep])[] {
  const actions = (step.recoveries ?? []).flatMap(({ action }) => (action ? [[node, action] as const] : []))
  return [[node, step], ...actions]
}

function toolOf(step: CompiledStep | undefined): string | undefined {
  const { work } = step ?? {}
  if (work?.type === 'ask') return work.tool
  if (work?.type !== 'tool') return undefined
  return work.operation === undefined ? work.tool : `${work.tool}:${work.operation}`
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
        return { start: (await runStartMessage(values, pipeline, inputs)) as unknown as { [field: string]: Json } }
      } catch (error) {
        if (is(error, 'InvalidError')) return { lacks: error.message }
        throw error
      }
    },
    async describePlaybookEnd(run) {
      const steps = await readSteps(run)
      const outputs = steps.get(OUTPUTS_NODE)
      return outputs?.status === 'completed' ? outputsText(await readRef(values, outputs.result)) : stepsText(steps)
    },
  }

  async function readSteps(run: string): Promise<ReadonlyMap<string, StepPart>> {
    const prefix = stepPartName('')
    const steps = new Map<string, StepPart>()
    for await (const [name, part] of readParts(runRef(run), { prefix, after: justBeforePrefix(prefix) }))
      steps.set(name.slice(prefix.length), decodeStep(part)!)
    return steps
  }
}

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

/** The steps that failed, and those that were done. */
function stepsText(steps: ReadonlyMap<string, StepPart>): string {
  const failed = [...steps].flatMap(([name, part]) =>
    part.status === 'failed' ? [`${name}: ${part.problem.message}`] : [],
  )
  const done = [...steps].flatMap(([name, part]) => (part.status === 'completed' ? [name] : []))
  const lines = [
    ...(failed.length > 0 ? [`Failed: ${failed.join('; ')}.`] : []),
    `Done: ${done.join(', ') || 'nothing'}.`,
  ]
  return lines.join(' ').slice(0, MAX_STEPS_TEXT)
}

const MAX_STEPS_TEXT = 4000
