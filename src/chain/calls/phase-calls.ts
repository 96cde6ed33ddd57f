import { TerminalError } from '../../errors.ts'
import { runRef } from '../../house/actors.ts'
import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import type { Effects } from '../../kernel/types.ts'
import type { ToolCall } from '../../model/request/request.ts'
import { callId } from '../../step/messages/call-names.ts'
import type { EndedCall } from '../../thread/protocol/calls.ts'
import type { PhaseInput, PhaseName } from '../../thread/protocol/phase-types.ts'
import { BAD_RESULT } from '../../tool/bad-result.ts'
import { findInputFaults } from '../../tool/input.ts'
import { deniedName } from '../../tool/mcp/names-of-call.ts'
import type { Tool } from '../../tool/tool.ts'
import type { ApprovalPolicy } from '../../tool/tool-request.ts'
import { toolsNamed } from '../../tool/toolbox.ts'
import { awaitActor } from '../../work/actor-wait.ts'
import { freeName, offerOf } from '../../work/tools/offers.ts'
import type { CallServices, MadeCall, ToolCalls } from '../protocol/calls.ts'
import { callsBody, type PlannedCall, type RunPlace, runIdOf } from './call-run.ts'

/** The tool of the web leg. */
export const WEB_SEARCH = 'web-search:search'

/** A run that a phase waits for. `entry` names its place in the memo. `start`: the message that begins it. */
export type AwaitedRun = {
  readonly run: string
  readonly entry: string
  readonly calls: number
  readonly start?: Json
  readonly error: Error
}

/** The calls of one phase in one turn. `awaited`: the run that the turn ends for. */
export interface PhaseCalls {
  call(tool: string, input: JsonObject): Promise<Json>
  /** absent: the ask may use no tools */
  readonly tools?: ToolCalls
  readonly awaited: AwaitedRun | undefined
}

type CallScope = {
  readonly services: CallServices | undefined
  readonly effects: Effects
  readonly memo: { once<T>(entry: string, act: () => Promise<T>): Promise<T> }
  /** the run that the phase has waited for */
  readonly parked?: Pick<AwaitedRun, 'run' | 'entry'> | undefined
} & Omit<RunPlace, 'number'>

/** Characters of a result that code of a phase takes, and that a model gets. */
const MAX_TAKEN = 32 * 1024
const MAX_SHOWN = 8 * 1024

/** The calls of a phase. Each makes one run; the phase waits for it in a later turn, and then finds its result. */
export function createCalls(scope: CallScope): PhaseCalls {
  const { services, effects, memo, parked, thread, phase, input } = scope
  let awaited: AwaitedRun | undefined
  let number = 0
  const allowed = new Map(
    (services ? namesFor(phase, input) : []).flatMap((name) =>
      toolsNamed(name, services!.toolbox).map((tool) => [tool.name, tool] as const),
    ),
  )

  async function runCalls(calls: readonly PlannedCall[], most: number): Promise<{ run: string; ends: EndedCall[] }> {
    // a phase that has caught the wait goes no further
    if (awaited) throw awaited.error
    const place = { thread, phase, input, number: ++number }
    const entry = `call.${place.number}`
    const run = runIdOf(place, calls)
    const ends = await memo.once(entry, async () => {
      // each repetition would begin another run
      if (parked?.entry === entry && parked.run !== run) throw differs(calls, phase)
      const found = await effects.run(entry, () => services!.readCalls(run, thread, most), { effect: 'pure' })
      if (found.status === 'foreign') return calls.map(() => TAKEN)
      if (found.status === 'ended') return calls.map((_, at) => found.calls[callId(at)] ?? NOT_MADE)
      const start = found.status === 'absent' && { start: callsBody(place, calls, policyOf(calls)) }
      const error = awaitActor(runRef(run), `it waits for ${calls.map(({ tool }) => tool.name).join(', ')}`)
      awaited = { run, entry, calls: calls.length, ...start, error }
      throw error
    })
    return { run, ends }
  }

  /** The web leg asks for the user, and no model has chosen its search. */
  const policyOf = (calls: readonly PlannedCall[]): ApprovalPolicy =>
    phase === 'experience.web' && calls.every(({ tool }) => tool.name === WEB_SEARCH) ? 'none' : services!.approve

  return {
    get awaited() {
      return awaited
    },
    async call(name, parameters) {
      const tool = services && toolsNamed(name, services.toolbox)[0]
      const mayCall = tool && allowed.has(tool.name)
      if (!mayCall || isDenied(tool, parameters, input)) throw notAllowed(name, phase)
      const { ends } = await runCalls([{ tool, parameters }], MAX_TAKEN)
      return resultOf(ends[0]!, tool.name)
    },
    ...(allowed.size > 0 && input.tools?.names && { tools: createOffers([...allowed.values()], input, runCalls) }),
  }
}

/** The web leg searches in every ask; other phases call what the ask names. */
function namesFor(phase: PhaseName, { tools }: PhaseInput): readonly string[] {
  const names = tools?.names ?? []
  return phase === 'experience.web' ? [...names, WEB_SEARCH] : names
}

const isDenied = (tool: Tool, parameters: JsonObject, { tools }: PhaseInput) =>
  deniedName(tools?.origin?.denied ?? [], tool.name, parameters) !== undefined

function notAllowed(name: string, phase: PhaseName): TerminalError {
  return new TerminalError(`${phase} may not call ${name}: the ask does not allow it.`, {
    code: 'tool_denied',
    hint: `Ask with --tools ${name} (over HTTP \`tools\`), or name it under \`tools:\` of the domain.`,
  })
}

function differs(calls: readonly PlannedCall[], phase: PhaseName): TerminalError {
  const names = calls.map(({ tool }) => tool.name).join(', ')
  return new TerminalError(`${phase} repeats its call of ${names} with other parameters than before it waited.`, {
    code: 'nondeterministic_phase',
    hint: 'Get times, random numbers and the like in `run` of the context, which records them.',
  })
}

const NOT_MADE: EndedCall = { status: 'cancelled', result: 'the call was not made' }
const TAKEN: EndedCall = { status: 'failed', result: 'id_taken: other work has the id of the run' }

/** The result for code of a phase. TerminalError if there is none, or not all of it. */
function resultOf({ status, result, length }: EndedCall, tool: string): Json {
  if (status === 'made') throw new TerminalError(String(result), { code: BAD_RESULT })
  if (status !== 'succeeded') throw new TerminalError(`${tool} ${status}: ${String(result)}`, { code: 'tool_failed' })
  if (length === undefined) return result
  throw new TerminalError(`The result of ${tool} has ${length} characters, and a phase takes at most ${MAX_TAKEN}.`, {
    code: 'too_large',
  })
}

type RunCalls = (
  calls: readonly PlannedCall[],
  most: number,
) => Promise<{ readonly run: string; readonly ends: readonly EndedCall[] }>

function createOffers(tools: readonly Tool[], input: PhaseInput, runCalls: RunCalls): ToolCalls {
  const byName = new Map<string, Tool>()
  for (const tool of tools)
    byName.set(
      freeName(tool.name, (plain) => byName.has(plain)),
      tool,
    )
  return {
    offers: [...byName].map(([name, tool]) => ({ ...offerOf(tool), name })),
    async make(asked) {
      const planned = asked.map((call) => planCall(call, byName, input))
      const calls = planned.filter((one) => 'parameters' in one)
      const { run, ends } = calls.length > 0 ? await runCalls(calls, MAX_SHOWN) : { run: '', ends: [] }
      let next = 0
      return planned.map((one): MadeCall => {
        if (!('parameters' in one)) return { tool: one.name, status: 'refused', result: one.fault }
        return { tool: one.tool.name, ...ends[next++]!, run }
      })
    },
  }
}

function planCall(
  { name, input, cut }: ToolCall,
  tools: ReadonlyMap<string, Tool>,
  ask: PhaseInput,
): PlannedCall | { readonly name: string; readonly fault: string } {
  const tool = tools.get(name)
  const shown = name.slice(0, 64)
  if (!tool) return { name: shown, fault: `there is no tool ${shown}; there are ${[...tools.keys()].join(', ')}` }
  if (cut || !isJsonObject(input)) return { name: tool.name, fault: 'the parameters are not a whole JSON object' }
  if (isDenied(tool, input, ask)) return { name: tool.name, fault: 'the asker may not call it' }
  const [fault] = findInputFaults(tool, input, () => true)
  if (fault) return { name: tool.name, fault: `${['parameters', ...fault.path].join('.')}: ${fault.message}` }
  return { tool, parameters: input }
}
