import type { Engine } from '../../../engine/engine.ts'
import { is } from '../../../errors.ts'
import { goalRef, KIND, stepRef } from '../../../house/actors.ts'
import { listAll } from '../../../house/paging.ts'
import { readSinglePart } from '../../../kernel/parts.ts'
import { ownerFilter } from '../../../lib/owner.ts'
import { waitsIn } from '../../../run/actor/waits.ts'
import type { RunsPort } from '../../../run/room/port.ts'
import { findRunStart } from '../../../run/run.ts'
import { callSignal, WITHDRAWN } from '../../../step/messages/call-decision.ts'
import { gateOf } from '../../../step/messages/call-names.ts'
import type { ValueStore } from '../../../step/values.ts'
import { findInputFaults } from '../../../tool/input.ts'
import { findCalledTool, type Toolbox } from '../../../tool/toolbox.ts'
import { IN_INBOX } from '../../../work/wait.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import type { AgentServices } from '../../goal/services.ts'
import { findStartOf } from '../../protocol/messages.ts'
import { type Round, type RoundCall, roundPart } from '../../protocol/rounds.ts'
import { type GoalState, peekGoal } from '../../protocol/state.ts'
import type { CodeReport } from './documents.ts'

type AdoptionParts = {
  readonly engine: Engine
  readonly values: ValueStore
  readonly toolbox: Toolbox
  readonly lookAtCode: AgentServices['lookAtCode']
  readonly runs: Pick<RunsPort, 'signal' | 'resume'>
  /** Takes up what an earlier process left of a goal, and follows the work above it. */
  resumeGoal(goal: string): Promise<void>
}

/** Which goals: those of an owner, of an agent, or one. `auto`: only those whose agents ask nobody. */
type AdoptionQuery = { readonly owner?: string; readonly agent?: string; readonly auto?: true }

/** The outcome for a goal. `asks`: a person has to answer; `keeps`: it waits for the old code. */
type Outcome = 'same' | 'goes-on' | 'asks' | 'keeps' | 'lacks'

/** Lets goals go on with code that has changed since they began. */
export type AdoptCode = {
  all(query?: AdoptionQuery): Promise<CodeReport>
  one(goal: string): Promise<CodeReport>
}

/** Opens what lets goals in flight go on with changed code. Each part may be repeated: a kill leaves nothing half. */
export function codeAdopter(parts: AdoptionParts): AdoptCode {
  const { engine, values, lookAtCode } = parts
  const { view } = engine

  async function adopt(
    goal: string,
    auto: boolean,
  ): Promise<{ readonly outcome: Outcome; readonly lines: readonly string[] }> {
    const start = await findStartOf(goal, view.parts)
    if (!start) return { outcome: 'same', lines: [] }
    const { lack, change } = await lookAtCode(
      (await values.get(start.definition)) as AgentDefinition,
      start.ofStep === true,
    )
    if (lack !== '' && !change) return { outcome: 'lacks', lines: [lack] }
    const { lines = [] } = change ?? {}
    if (change) {
      const body = { type: 'adopt', ...(auto && { auto }) } as const
      const reply = (await engine.ask(goalRef(goal), body, { correlationId: `${goal}.code` })) as {
        readonly status: string
      }
      if (reply.status === 'kept') return { outcome: 'keeps', lines }
      if (reply.status === 'asks') return { outcome: 'asks', lines }
    }
    // an earlier process may have ended between the answer and this
    if (change || start.changed) await settleCalls(parts, goal)
    if (change) await parts.resumeGoal(goal)
    return { outcome: change ? 'goes-on' : 'same', lines }
  }

  return {
    async all({ auto = false, ...query } = {}) {
      const report = reporter()
      for await (const { goal, agent, state } of goalsInFlight(view, query)) {
        // a goal that thinks looks for its code itself
        if (state.status !== 'thinking' || state.open) report.add(goal, agent, await adopt(goal, auto))
      }
      return report.done()
    },
    async one(goal) {
      const report = reporter()
      const { agent = '' } = (await peekGoal(view, goal)) ?? {}
      report.add(goal, agent, await adopt(goal, false))
      return report.done()
    },
  }
}

/** Collects the outcomes: goals of one agent with the same changes stand together. */
export function reporter() {
  const changes = new Map<string, CodeReport['changes'][number]>()
  return {
    add(
      goal: string,
      agent: string,
      { outcome, lines }: { readonly outcome: Outcome; readonly lines: readonly string[] },
    ) {
      if (outcome === 'same') return
      const key = JSON.stringify([agent, outcome, lines])
      const { goals = [] } = changes.get(key) ?? {}
      changes.set(key, { agent, outcome, changes: [...lines], goals: [...goals, goal] })
    },
    done: (): CodeReport => ({ changes: [...changes.values()] }),
  }
}

/** The goals at work, and those whose calls wait although they have ended. */
export async function* goalsInFlight(
  view: Engine['view'],
  { owner, agent }: AdoptionQuery = {},
): AsyncGenerator<{ readonly goal: string; readonly agent: string; readonly state: GoalState }> {
  const found = new Set<string>()
  for await (const goal of candidates(view, ownerFilter(owner))) {
    if (found.has(goal)) continue
    found.add(goal)
    const state = await peekGoal(view, goal)
    if (!state || (agent !== undefined && state.agent !== agent)) continue
    if (IN_FLIGHT.includes(state.status) || state.open) yield { goal, agent: state.agent, state }
  }
}

const IN_FLIGHT: readonly string[] = ['thinking', 'acting', 'waiting', 'paused']

/** The goals at work, and those of the steps in the inbox. */
async function* candidates(view: Engine['view'], where: ReturnType<typeof ownerFilter>): AsyncGenerator<string> {
  for (const status of ['running', 'waiting', 'paused'])
    for await (const { key } of listAll(view, KIND.goal, { ...where, status })) yield key
  for await (const { index } of listAll(view, KIND.step, { ...where, ...IN_INBOX })) {
    const workFor = (await findRunStart(String(index.run), view.parts))?.workFor
    if (workFor?.goal !== undefined) yield workFor.goal
  }
}

/**
 * Brings the calls of a goal that has taken new code up to date: withdraws the gates of calls that cannot be made any
 * more, and wakes the steps that wait for the old code.
 */
async function settleCalls(parts: AdoptionParts, goal: string): Promise<void> {
  const state = await peekGoal(parts.engine.view, goal)
  if (!state) return
  const { open = [], rounds } = state
  for (const { run, round } of open) await settleRun(parts, { goal, run, round })
  if (state.status === 'acting' && state.playbook === undefined)
    await settleRun(parts, { goal, run: state.run, round: rounds })
}

async function settleRun(
  { engine, toolbox, runs }: AdoptionParts,
  { goal, run, round: number }: { readonly goal: string; readonly run: string; readonly round: number },
): Promise<void> {
  const { view, tell } = engine
  const round = (await readSinglePart(view.parts, goalRef(goal), roundPart(number))) as Round | undefined
  const awaited = await awaitedNames(view, run)
  for (const call of round?.calls ?? []) {
    const { step } = call
    if (step === undefined) continue
    const fault = faultOf(call, toolbox)
    const gate = [gateOf(step), callSignal(step)].find((name) => awaited.has(name))
    if (gate !== undefined && fault !== undefined) await withdraw(runs, { run, gate, fault })
    // it may be about to wait for code, or make its call: only a step that waits looks again
    await tell(stepRef(run, step), { type: 'code' }, { correlationId: run })
  }
  await runs.resume(run)
}

/** Why a call cannot be made with the tools of this process; undefined: it can. */
function faultOf({ tool, parameters }: RoundCall, toolbox: Toolbox): string | undefined {
  const found = findCalledTool(toolbox, tool)
  if (!found) return `the tool ${tool} is gone.`
  const [fault] = findInputFaults(found, parameters, () => true)
  return fault && `${tool} has changed, ${['parameters', ...fault.path].join('.')}: ${fault.message}. Call it again.`
}

async function withdraw(
  runs: AdoptionParts['runs'],
  { run, gate, fault }: { readonly run: string; readonly gate: string; readonly fault: string },
): Promise<void> {
  try {
    await runs.signal(
      run,
      gate,
      { action: 'reject', reason: `${WITHDRAWN}${fault}` },
      { id: `${run}.${gate}.withdrawn`, by: 'a change of the code' },
    )
  } catch (error) {
    // a person has answered first
    if (!is(error, 'InvalidError')) throw error
  }
}

async function awaitedNames(view: Engine['view'], run: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>()
  for await (const { name } of waitsIn(view.parts, run)) names.add(name)
  return names
}
