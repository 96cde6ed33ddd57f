import { type Problem, refusal } from '../../../errors.ts'
import { recordAnswer } from '../../../house/act.ts'
import { KIND } from '../../../house/actors.ts'
import type { GivenAnswer } from '../../../house/by.ts'
import { asText, type Json } from '../../../kernel/json.ts'
import type { Effects, Turn } from '../../../kernel/types.ts'
import { ownerOf } from '../../../lib/owner.ts'
import { runOfPlaybook, runOfRound } from '../../../run/ids.ts'
import type { Settlement } from '../../../step/messages/settlement.ts'
import { effectClassOf } from '../../../tool/tool.ts'
import { withoutResult } from '../../context/round-forms.ts'
import { shortenResult } from '../../context/shorten.ts'
import type { PlaybookEnd } from '../../playbook/services.ts'
import { type GoalMessage, readStart } from '../../protocol/messages.ts'
import type { CallOutput, Round, RoundCall } from '../../protocol/rounds.ts'
import { fromPerson, hasOpenCalls, roundPart } from '../../protocol/rounds.ts'
import type { Ended, GoalState } from '../../protocol/state.ts'
import type { OpenCalls } from '../../protocol/stored-goal.ts'
import { GOAL_OVER } from '../control.ts'
import type { AgentServices } from '../services.ts'
import { messageTime, settled } from '../turns.ts'
import { closeCalls, withOpen } from './open-calls.ts'
import { countMade, readEndedCalls } from './start-run.ts'
import { unknownText } from './unknown-calls.ts'

/**
 * The run of a goal that was stopped ends after the goal: its calls get the outcomes that they had by then, for the
 * models that read them later. A conversation continues, so a person is asked about calls that may have taken place.
 */
export async function recordLate(services: AgentServices, state: Ended, effects: Effects): Promise<Turn<GoalState>> {
  const { from } = effects.message
  if (from?.kind !== KIND.run) return {}
  const { key: goal } = effects.self
  if (from.key === runOfPlaybook(goal)) return recordPlaybook(services, state, effects)
  if (from.key !== runOfRound(goal, state.rounds)) return {}
  const round = (await effects.part(roundPart(state.rounds))) as Round | undefined
  if (!round || !hasOpenCalls(round)) return {}
  const isDoubtful = (call: RoundCall) => isMadeOnce(call, services)
  const { calls } = await readEndedCalls(services, state, round, effects, { isDoubtful })
  const doubtful = calls.filter(isUnknown)
  const over = { ...state, calls: state.calls + countMade(calls) }
  if (doubtful.length === 0 || !(await asksPerson(services, effects))) return recorded(over, { ...round, calls })
  const noted = calls.map((call) => (isUnknown(call) ? withNote(call) : call))
  const title = `It is ${unknownText(doubtful)} Check, and tell the goal what you found.`
  const of: OpenCalls = { run: from.key, round: state.rounds, calls: stepsOf(doubtful), asked: true }
  const open = [...(state.open ?? []), of]
  return recorded(withOpen(waiting(over, title, effects), open), { ...round, calls: noted })
}

/** A person found out what interrupted calls of a stopped goal did. A message of its own tells the conversation. */
export async function noteFinding(
  services: AgentServices,
  state: Ended,
  { text, settles }: Extract<GoalMessage, { type: 'resume' }>,
  effects: Effects,
): Promise<Turn<GoalState>> {
  const { wait, ...over } = state
  const asked = state.open?.filter((calls) => calls.asked) ?? []
  const reply = { status: 'noted' }
  if (settles) {
    const of = asked.find(({ calls }) => calls.includes(settles.call))
    if (!of) return { refuse: NOT_ASKED }
    const isLast = asked.length === 1 && of.calls.length === 1
    const { by, outcome } = settles
    const answer = by && { what: 'settled' as const, outcome, by, at: messageTime(effects.message) }
    const finding = { steps: [settles.call], late: settledResult(settles), answer }
    return { ...(await found(services, isLast ? over : state, of, finding, effects)), reply }
  }
  if (!wait || text === undefined) return { refuse: GOAL_OVER }
  const [of] = asked
  if (!of) return { ...settled({ ...over, told: [...over.told, fromPerson(text)] }), reply }
  const late: CallOutput = { outcome: 'unknown', output: fromPerson(text) }
  const finding = { steps: of.calls, late }
  return { ...(await found(services, asked.length === 1 ? over : state, of, finding, effects)), reply }
}

/** The finding of a person about calls; `answer`: its caller, if that is known. */
type Finding = {
  readonly steps: readonly string[]
  readonly late: CallOutput
  readonly answer?: GivenAnswer | undefined
}

/** Records a finding about open calls and who says so, and begins a message with it. */
async function found(
  services: AgentServices,
  state: Ended,
  of: OpenCalls,
  { steps, late, answer }: Finding,
  effects: Effects,
): Promise<Turn<GoalState>> {
  const round = (await effects.part(roundPart(of.round))) as Round
  const calls = round.calls.filter(({ step }) => step !== undefined && steps.includes(step))
  const said = (call: RoundCall) => (answer ? { said: [...(call.said ?? []), answer] } : {})
  const ended = calls.map((call) => ({ ...call, ...said(call), late }))
  const turn = await closeCalls(services, state, { of, round, late: ended }, effects)
  if (!answer) return turn
  const { conversation } = (await readStart(effects)).workFor ?? {}
  const about = { conversation, agent: state.agent, goal: effects.self.key, run: of.run }
  const records = calls.map(({ tool, step }) => recordAnswer(ownerOf(state), { ...about, tool, step }, answer))
  return { ...turn, send: [...(turn.send ?? []), ...records] }
}

const stepsOf = (calls: readonly RoundCall[]) => calls.flatMap(({ step }) => step ?? [])

/** The result of a call that a person has settled. It is not made again. */
function settledResult({ outcome, result = null }: Settlement): CallOutput {
  if (outcome === 'done') return shortenResult('succeeded', asText(result))
  if (outcome === 'not-done') return withoutResult({})
  return { outcome: 'failed', output: 'a person settled it as failed' }
}

const NOT_ASKED: Problem = refusal({
  code: 'not_waiting',
  message: 'no person is asked about this call',
  hint: 'To see what waits: antiphon inbox',
})

/** Records how far the playbook of a stopped goal had come. */
async function recordPlaybook(services: AgentServices, state: Ended, effects: Effects): Promise<Turn<GoalState>> {
  const { playbook } = state
  if (playbook === undefined) return {}
  const { playbooks = [] } = await readStart(effects)
  const { pipeline } = playbooks.find(({ name }) => name === playbook) ?? {}
  const describe = async () => (await services.describePlaybookEnd(runOfPlaybook(effects.self.key), pipeline)) as Json
  const { done, doubtful = [] } = (await effects.run('outcomes', describe, { effect: 'pure' })) as PlaybookEnd
  const isAsked = doubtful.length > 0 && (await asksPerson(services, effects))
  const note = `The playbook ${playbook} was stopped. ${done}${isAsked ? ` What ${doubtful.join(', ')} did is not known; a person is asked.` : ''}`
  const over = { ...state, told: [...state.told, note] }
  const title = `It is unknown what ${doubtful.join(', ')} of ${playbook} did before it was stopped. Check, and tell the goal what you found.`
  return settled(isAsked ? waiting(over, title, effects) : over)
}

const isUnknown = ({ result }: RoundCall) => result?.outcome === 'unknown'

/** Whether a call is never repeated. A tool that this process lacks may be of that kind. */
function isMadeOnce({ tool, parameters }: RoundCall, { toolbox }: Pick<AgentServices, 'toolbox'>): boolean {
  const found = toolbox.find(tool)
  return found === undefined || effectClassOf(found, parameters) === 'at-most-once'
}

/** Whether later messages of a conversation depend on the call, and its agent asks a person about unknown outcomes. */
async function asksPerson(services: AgentServices, effects: Effects): Promise<boolean> {
  const { workFor, definition } = await readStart(effects)
  if (workFor?.conversation === undefined) return false
  const { onUnknown = 'ask' } = await services.readDefinition(definition)
  return onUnknown === 'ask'
}

const ASKED = '; a person is asked'

/** The call with the note that a person is asked. */
function withNote(call: RoundCall): RoundCall {
  const result = call.result!
  return { ...call, result: { ...result, output: asText(result.output) + ASKED } }
}

const waiting = (over: Ended, title: string, { message }: Effects): Ended => ({
  ...over,
  wait: { type: 'unknown', title, since: messageTime(message) },
})

const recorded = (over: Ended, round: Round): Turn<GoalState> => ({
  ...settled(over),
  parts: { [roundPart(over.rounds)]: round as Json },
})
