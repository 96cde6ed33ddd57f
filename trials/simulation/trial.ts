import type { EngineView } from '../../src/engine/engine.ts'
import type { Json } from '../../src/kernel/schema.ts'
import type { Actor, ActorRef } from '../../src/kernel/types.ts'
import { auditEnd } from './check/audit.ts'
import type { WitnessedState } from './check/decision.ts'
import { type ClientRequest, createSimulationLedger } from './check/ledger.ts'
import { awaitAnswer, runClient, sendRequest } from './client.ts'
import { createEngineLives } from './lives.ts'
import { createOutsideWorld } from './outside-world.ts'
import { createFaultSchedule, type StepFault } from './plan/faults.ts'
import type { ClientCommand, TrialPlan } from './plan/plan.ts'
import { createSeededRandom } from './plan/random.ts'
import { createStepScheduler, settlePromises } from './world/scheduler.ts'
import { createTrialTrace } from './world/trace.ts'

/** The actors, the commands of clients, and the engine under test. */
export type SimulationSetup = {
  readonly engine: 'inline' | 'libsql'
  /** new actors for each life */
  readonly actors: () => readonly Actor[]
  /** the command for a number in the plan */
  readonly commandOf: (number: number) => ClientCommand
  /** further checks at the end; throws on a violation */
  readonly check?: (end: ActorAtEnd) => Promise<void> | void
}

/**
 * An actor at the end: its state, and the number of processed messages.
 * @public
 */
export interface ActorAtEnd {
  peek(of: ActorRef): Promise<Json | undefined>
  taken(of: ActorRef): Promise<number>
}

/** The result of a trial. Without violations, every check passed. */
export type TrialResult = {
  readonly violations: readonly string[]
  readonly hash: string
  readonly steps: number
  readonly lives: number
  readonly trace: readonly string[]
}

/** A trial with more steps than this never ends. */
const MAX_STEPS = 20_000

/** Runs a plan to its end. The same plan always gives the same trial. */
export async function runTrial(plan: TrialPlan, setup: SimulationSetup): Promise<TrialResult> {
  const trace = createTrialTrace()
  const random = createSeededRandom(plan.seed)
  const scheduler = createStepScheduler(random, trace)
  const ledger = createSimulationLedger()
  const faults = createFaultSchedule(plan)
  const outside = createOutsideWorld({ scheduler, ledger, nextCall: faults.nextCall })
  const lives = createEngineLives({ plan, setup, scheduler, ledger, outside, faults })

  // runs until there is nothing left to do
  async function run(): Promise<void> {
    while (ledger.violations.length === 0) {
      if (await lives.begin()) await settlePromises()
      const midway = faults
        .atStep(scheduler.steps + 1)
        .map(strike)
        .find((crash) => crash !== undefined)
      if (!(await scheduler.step(midway))) return
      if (scheduler.steps > MAX_STEPS) ledger.violate(`it has not come to rest after ${MAX_STEPS} steps`)
    }
  }

  function strike(fault: StepFault): { readonly hops: number; call(): void } | undefined {
    if (fault.type === 'crash') return { hops: fault.hops, call: lives.crash }
    if (fault.type === 'restart') lives.restart(fault.grace)
    else scheduler.jump(fault.ms)
    return undefined
  }

  // a program's clients: each runs independently
  async function work(): Promise<void> {
    const busy = new Set<string>()
    for (const [n, numbers] of plan.clients.entries()) {
      const name = `client${n}`
      busy.add(name)
      const commands = numbers.map(setup.commandOf)
      const client = { name, commands, random: createSeededRandom(plan.seed + n + 1), scheduler, ledger }
      runClient({ ...client, whenOpen: lives.whenOpen }).then(
        () => busy.delete(name),
        (error: Error) => ledger.violate(`${name}: ${error.stack}`),
      )
    }
    await run()
    for (const name of busy) ledger.violate(`${name} waits for ever`)
  }

  // every caller gets an answer, the same as any answer it got before
  async function askAgain(): Promise<void> {
    const waiting = new Set<string>()
    for (const request of ledger.requests.values()) {
      if (request.type !== 'ask') continue
      waiting.add(request.id)
      void again(request).then(() => waiting.delete(request.id))
    }
    await run()
    for (const id of waiting) ledger.violate(`${id} is never answered`)
  }

  async function again(request: ClientRequest): Promise<void> {
    const opened = await lives.whenOpen()
    const answer = await awaitAnswer(opened, sendRequest(opened.engine, request))
    if (answer) ledger.acknowledge(request, answer, scheduler.steps)
  }

  async function end(): Promise<void> {
    lives.restart(null)
    await run()
    const opened = await Promise.race([lives.whenOpen(), settlePromises()])
    if (!opened) return ledger.violate('the engine does not come to its end, or does not open again')
    const { engine } = opened
    if (lives.left > 0) ledger.violate(`${lives.left} messages are left, although all has come to rest`)
    await auditEnd(engine, ledger)
    if (ledger.violations.length === 0) await check(engine.view)
  }

  async function check(view: EngineView): Promise<void> {
    try {
      await setup.check?.(endOf(view))
    } catch (error) {
      ledger.violate((error as Error).message)
    }
  }

  try {
    for (const act of [work, askAgain, end]) {
      if (ledger.violations.length === 0) await act()
      faults.heal()
    }
  } catch (error) {
    ledger.violate((error as Error).stack ?? String(error))
  } finally {
    lives.close()
  }
  return {
    violations: ledger.violations,
    hash: trace.hash(),
    steps: scheduler.steps,
    lives: lives.count,
    trace: trace.lines,
  }
}

function endOf(view: EngineView): ActorAtEnd {
  const stateOf = async (of: ActorRef) => (await view.peek(of)) as WitnessedState | undefined
  return {
    peek: async (of) => (await stateOf(of))?.own,
    taken: async (of) => (await stateOf(of))?.taken.length ?? 0,
  }
}
