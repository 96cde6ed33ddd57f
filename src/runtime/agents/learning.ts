import type { AgentDefinition } from '../../agent/definition/definition.ts'
import { goalRef } from '../../agent/goal/goal-actor.ts'
import { type GoalStartPart, type Round, type RoundCall, runOfRound } from '../../agent/goal/state.ts'
import type { CompletedGoal, DoneCall } from '../../agent/playbook/learn/completed-goal.ts'
import type { Form } from '../../agent/playbook/learn/form.ts'
import {
  agentOfPlaybook,
  FORM_PARTS,
  type LearnedPlaybook,
  playbookPart,
  playbooksRef,
} from '../../agent/playbook/learned.ts'
import type { LearningServices } from '../../agent/services.ts'
import { is } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { FindModel } from '../../pipeline/language/check/environment.ts'
import { checkInputs } from '../../pipeline/language/parse/inputs/given-inputs.ts'
import { decodeStep } from '../../pipeline/plan/codec.ts'
import { stepPartName } from '../../pipeline/plan/instance.ts'
import { justBeforePrefix, type ReadParts, readSinglePart, runRef, type ValueStore } from '../../pipeline/plan/refs.ts'
import { toStepRead } from '../../pipeline/plan/step-outcome.ts'
import { runStartMessage } from '../../pipeline/run/start-message.ts'
import { valueOfStep } from '../../pipeline/step/values/step-values.ts'
import { inputSchemaOf } from '../../tool/schema.ts'
import { effectClassOf } from '../../tool/tool.ts'
import type { ApprovalPolicy } from '../../tool/tool-request.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import { createRehearsals } from './rehearse.ts'

export type LearningParts = {
  readonly readParts: ReadParts
  readonly values: ValueStore
  readonly toolbox: Toolbox
  readonly findModel: FindModel
  /** which calls wait for a person, where the definition does not say it */
  readonly approve: ApprovalPolicy
}

/** Characters of all results of a goal that learning reads. */
const MAX_RESULTS = 1024 * 1024

/** Reads goals that were completed, and rehearses and prepares playbooks. */
export function learningServices(parts: LearningParts): LearningServices {
  const { readParts, values, toolbox } = parts
  const { compile, rehearse } = createRehearsals(parts)

  async function readCall(goal: string, round: number, call: RoundCall): Promise<DoneCall> {
    const { tool: name, parameters: asked, step, result: shown } = call
    const read = (id: string) => readSinglePart(readParts, runRef(runOfRound(goal, round)), stepPartName(id))
    const [part, gate] = await Promise.all([read(step!), read(`approve_${step}`)])
    const outcome = shown?.outcome ?? 'cancelled'
    const ended = outcome === 'succeeded' ? decodeStep(part) : undefined
    const { result = null, parameters = asked } = ended ? await valueOfStep(toStepRead(ended), values) : {}
    const tool = toolbox.find(name)
    return {
      ...{ round, tool: name, parameters, outcome, result, isApproved: gate !== undefined },
      isPure: tool !== undefined && effectClassOf(tool, parameters) === 'pure',
      constants: tool ? constantsIn(inputSchemaOf(tool) as Json | undefined) : [],
    }
  }

  async function readRounds(goal: string): Promise<readonly Round[]> {
    const rounds: [number, Round][] = []
    for await (const [name, part] of readParts(goalRef(goal), { prefix: 'round/', after: justBeforePrefix('round/') }))
      rounds.push([Number(name.slice('round/'.length)), part as Round])
    return rounds.toSorted(([one], [other]) => one - other).map(([, round]) => round)
  }

  return {
    rehearse,
    async readCompleted(id) {
      const read = (name: string) => readSinglePart(readParts, goalRef(id), name)
      const [start, answer] = await Promise.all([read('start'), read('answer')])
      if (start === undefined || typeof answer !== 'string') return { lacks: 'the goal no longer exists' }
      const { goal, definition: hash } = start as GoalStartPart
      const definition = (await values.get(hash)) as AgentDefinition
      if (definition.environment !== undefined) return { lacks: 'it perceived an environment, which changes' }
      const rounds = await readRounds(id)
      if (rounds.some(({ told }) => told)) return { lacks: 'the model was told more than its goal' }
      const calls: DoneCall[] = []
      let size = 0
      for (const [index, round] of rounds.entries())
        for (const call of round.calls.filter(({ step }) => step !== undefined)) {
          const done = await readCall(id, index + 1, call)
          size += JSON.stringify(done.result).length
          if (size > MAX_RESULTS) return { lacks: 'its results are longer than 1 MiB' }
          calls.push(done)
        }
      const completed: CompletedGoal = { agent: definition.name, goal, known: knownTo(definition), calls, answer }
      return { goal: completed, definition }
    },
    async prepare(document, { inputs, definition }) {
      const compiled = compile(document, definition)
      if ('lacks' in compiled) return compiled
      try {
        const checked = checkInputs(compiled.pipeline, inputs)
        const start = await runStartMessage(values, compiled.pipeline, checked)
        return { start: start as { readonly [field: string]: Json } }
      } catch (error) {
        if (is(error, 'InvalidError')) return { lacks: error.message }
        throw error
      }
    },
    async readForms(agent, owner) {
      const forms: { readonly id: string; readonly form: Form }[] = []
      const page = { prefix: FORM_PARTS, after: justBeforePrefix(FORM_PARTS) }
      for await (const [name, part] of readParts(playbooksRef(agent, owner), page))
        forms.push({ id: name.slice(FORM_PARTS.length), form: part as Form })
      return forms
    },
    async readPlaybook(id, owner) {
      const agent = agentOfPlaybook(id)
      if (agent === undefined) return undefined
      const part = await readSinglePart(readParts, playbooksRef(agent, owner), playbookPart(id))
      return part as LearnedPlaybook | undefined
    },
  }
}

/** The texts that an agent has before its first call. */
function knownTo({ instructions, description, project = '', skills }: AgentDefinition): string {
  return [instructions, description, project, ...skills.flatMap((skill) => [skill.description, skill.body])].join('\n')
}

/** The texts that a schema names as values. */
function constantsIn(schema: Json | undefined): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([key, value]) =>
    ['enum', 'const', 'default'].includes(key)
      ? [value ?? null].flat().filter((one): one is string => typeof one === 'string')
      : constantsIn(value ?? null),
  )
}
