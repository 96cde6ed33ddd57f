import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../../kernel/schema.ts'
import type { ActorIndex } from '../../kernel/types.ts'
import { ownerFilter } from '../../lib/owner.ts'
import { justBeforePrefix, type ReadParts, readSinglePart, type ValueStore } from '../../pipeline/plan/refs.ts'
import { readCall } from '../../pipeline/report/calls.ts'
import { inputSchemaOf } from '../../tool/schema.ts'
import { effectClassOf } from '../../tool/tool.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import type { AgentDefinition } from '../definition/definition.ts'
import { MEMORY_PART } from '../memory/recall.ts'
import { type Round, type RoundCall, runOfRound } from '../protocol/rounds.ts'
import { findStartOf } from '../protocol/start.ts'
import { goalRef } from '../protocol/state.ts'
import { callSchemaOf } from './call-schema.ts'
import type { DoneCall } from './learn/completed-goal.ts'
import {
  agentOfPlaybook,
  type LearnedPlaybook,
  playbookPart,
  playbooksRef,
  USABLE_PARTS,
  type UsablePart,
} from './learned.ts'
import type { LearningServices } from './services.ts'

type LearningParts = {
  readonly readParts: ReadParts
  readonly values: ValueStore
  /** Lists the learned playbooks of owners and agents. */
  list(
    kind: 'playbooks',
    query: { readonly where: ReturnType<typeof ownerFilter>; readonly limit: number },
  ): Promise<readonly { readonly index: ActorIndex }[]>
  readonly toolbox: Toolbox
  readonly rehearsals: Pick<LearningServices, 'rehearse' | 'prepare'>
}

/** Agents of an owner whose proposals are counted at most. */
const MAX_AGENTS = 1000

/** Characters of all results of a goal that learning reads. */
const MAX_RESULTS = 1024 * 1024

/** Reads goals that were completed, and finds learned playbooks. */
export function learningServices(parts: LearningParts): LearningServices {
  const { readParts, values, toolbox, rehearsals } = parts

  async function readDone(
    goal: string,
    round: number,
    call: RoundCall,
  ): Promise<DoneCall & { readonly isChanged: boolean; readonly isMissing: boolean }> {
    const { tool: name, parameters: planned, asked, step, result: shown } = call
    const outcome = shown?.outcome ?? 'cancelled'
    const { value, isApproved } = await readCall({ readParts, values }, runOfRound(goal, round), step!)
    const isMissing = outcome === 'succeeded' && !value
    const { result = null, parameters = planned } = (outcome === 'succeeded' && value) || {}
    const tool = toolbox.find(name)
    return {
      round,
      tool: name,
      parameters,
      outcome,
      result,
      isApproved,
      isPure: tool !== undefined && effectClassOf(tool, parameters) === 'pure',
      schema: callSchemaOf(tool && (inputSchemaOf(tool) as Json | undefined)),
      isMissing,
      isChanged: asked !== undefined || (isApproved && !isDeepStrictEqual(parameters, planned)),
    }
  }

  async function readRounds(goal: string): Promise<readonly Round[]> {
    const rounds: [number, Round][] = []
    for await (const [name, part] of readParts(goalRef(goal), { prefix: 'round/', after: justBeforePrefix('round/') }))
      rounds.push([Number(name.slice('round/'.length)), part as Round])
    return rounds.toSorted(([one], [other]) => one - other).map(([, round]) => round)
  }

  return {
    ...rehearsals,
    async readCompleted(id) {
      const read = (name: string) => readSinglePart(readParts, goalRef(id), name)
      const [start, answer, memory] = await Promise.all([findStartOf(id, readParts), read('answer'), read(MEMORY_PART)])
      if (start === undefined || typeof answer !== 'string') return { lacks: 'the goal no longer exists' }
      const { goal, definition: hash } = start
      const definition = (await values.get(hash)) as AgentDefinition
      if (start.learn === undefined) return { lacks: 'its agent does not learn' }
      if (definition.environment !== undefined) return { lacks: 'it perceived an environment, which changes' }
      const rounds = await readRounds(id)
      if (rounds.some(({ told: notes }) => notes)) return { lacks: 'the model was told more than its goal' }
      const own = rounds.flatMap(({ calls }) => calls).find(({ step }) => step === undefined)
      // it read a result, a skill or the reason of a refusal
      if (own) return { lacks: `it called ${own.tool}, and the result went into no value` }
      const calls: DoneCall[] = []
      let size = 0
      for (const [index, round] of rounds.entries())
        for (const call of round.calls) {
          const { isChanged, isMissing, ...done } = await readDone(id, index + 1, call)
          if (isMissing) return { lacks: `the run of a call of ${done.tool} no longer exists` }
          if (isChanged) return { lacks: `a person changed the parameters of ${done.tool}` }
          size += JSON.stringify(done.result).length
          if (size > MAX_RESULTS) return { lacks: 'its results are longer than 1 MiB' }
          calls.push(done)
        }
      const { name: agent, instructions } = definition
      const remembers = memory !== undefined && { remembers: true as const }
      return { goal: { agent, goal, instructions, calls, answer, ...remembers }, definition }
    },
    async readUsable(agent, owner) {
      const found: (UsablePart & { readonly id: string })[] = []
      const page = { prefix: USABLE_PARTS, after: justBeforePrefix(USABLE_PARTS) }
      for await (const [name, part] of readParts(playbooksRef(agent, owner), page))
        found.push({ id: name.slice(USABLE_PARTS.length), ...(part as UsablePart) })
      return found
    },
    async countProposals(owner, exceptOf) {
      const listed = await parts.list('playbooks', { where: ownerFilter(owner), limit: MAX_AGENTS })
      const others = listed.filter(({ index }) => index.agent !== exceptOf)
      return others.reduce((sum, { index }) => sum + Number(index.proposals ?? 0), 0)
    },
    async readPlaybook(id, owner) {
      const agent = agentOfPlaybook(id)
      if (agent === undefined) return undefined
      const part = await readSinglePart(readParts, playbooksRef(agent, owner), playbookPart(id))
      return part as LearnedPlaybook | undefined
    },
  }
}
