import type { Problem } from '../../errors.ts'
import { recordAnswer } from '../../house/act.ts'
import { KIND } from '../../house/actors.ts'
import { asText } from '../../kernel/json.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { ownerOf } from '../../lib/owner.ts'
import { runOfPlaybook, runOfRound } from '../../run/ids.ts'
import type { Settlement } from '../../run/settlement.ts'
import { effectClassOf } from '../../tool/tool.ts'
import { withoutResult } from '../context/round-forms.ts'
import { shortenResult } from '../context/shorten.ts'
import type { PlaybookEnd } from '../playbook/services.ts'
import type { GoalMessage } from '../protocol/messages.ts'
import { type CallOutput, hasOpenCalls, type Round, type RoundCall, roundPart } from '../protocol/rounds.ts'
import { readStart } from '../protocol/start.ts'
import type { Ended, GoalState } from '../protocol/state.ts'
import { countMade, readEndedCalls } from './act.ts'
import { fromPerson, GOAL_OVER } from './control.ts'
import type { AgentServices } from './services.ts'
import { messageTime, settled } from './turns.ts'
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
  const { calls } = await readEndedCalls(services, state, round, effects, isDoubtful)
  const doubtful = calls.filter(isUnknown)
  const over = { ...state, calls: state.calls + countMade(calls) }
  if (doubtful.length === 0 || !(await asksPerson(services, effects))) return recorded(over, { ...round, calls })
  const asked = calls.map((call) => (isUnknown(call) ? withNote(call, ASKED) : call))
  const title = `It is ${unknownText(doubtful)} Check, and tell the goal what you found.`
  return recorded(waiting(over, title, effects), { ...round, calls: asked })
}

/** A person has found out what interrupted calls of a stopped goal did. Later models read it with the calls. */
export async function noteFinding(
  state: Ended,
  { text, settles }: Extract<GoalMessage, { type: 'resume' }>,
  effects: Effects,
): Promise<Turn<GoalState>> {
  const { wait, ...over } = state
  const round = wait && ((await effects.part(roundPart(state.rounds))) as Round | undefined)
  const { calls = [] } = round ?? {}
  const reply = { status: 'noted' }
  if (settles) {
    if (!round || !calls.some((call) => isAsked(call) && call.step === settles.call)) return { refuse: NOT_ASKED }
    const { by, outcome } = settles
    const answer = by && { what: 'settled' as const, outcome, by, at: messageTime(effects.message) }
    const settledBy = (call: RoundCall) => (answer ? { said: [...(call.said ?? []), answer] } : {})
    const left = calls.map((call) =>
      call.step === settles.call ? { ...call, result: settledResult(settles), ...settledBy(call) } : call,
    )
    const asked = calls.find(({ step }) => step === settles.call)!
    const { conversation } = (await readStart(effects)).workFor ?? {}
    const about = { conversation, agent: state.agent, goal: effects.self.key, tool: asked.tool, step: settles.call }
    const send = answer ? [recordAnswer(ownerOf(state), about, answer)] : []
    return { ...recorded(left.some(isAsked) ? state : over, { ...round, calls: left }), reply, send }
  }
  if (!wait || text === undefined) return { refuse: GOAL_OVER }
  const found = fromPerson(text)
  if (!round || !calls.some(isAsked)) return { ...settled({ ...over, told: [...over.told, found] }), reply }
  const left = calls.map((call) => (isAsked(call) ? withNote(call, `. ${found}`) : call))
  return { ...recorded(over, { ...round, calls: left }), reply }
}

/** Whether a person is asked about a call, and has not answered. */
const isAsked = (call: RoundCall) => isUnknown(call) && asText(call.result!.output).endsWith(ASKED)

/** The result of a call that a person has settled. It is not made again. */
function settledResult({ outcome, result = null }: Settlement): CallOutput {
  if (outcome === 'done') return shortenResult('succeeded', asText(result))
  if (outcome === 'not-done') return withoutResult({})
  return { outcome: 'failed', output: 'a person settled it as failed' }
}

const NOT_ASKED: Problem = {
  code: 'not_waiting',
  name: 'InvalidError',
  message: 'no person is asked about this call',
  hint: 'To see what waits: antiphon inbox',
  terminal: true,
}

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

/** The call with facts beside its result. The finding of a person replaces the question. */
function withNote(call: RoundCall, note: string): RoundCall {
  const result = call.result!
  return { ...call, result: { ...result, output: asText(result.output).replace(ASKED, '') + note } }
}

const waiting = (over: Ended, title: string, { message }: Effects): Ended => ({
  ...over,
  wait: { type: 'unknown', title, since: messageTime(message) },
})

const recorded = (over: Ended, round: Round): Turn<GoalState> => ({
  ...settled(over),
  parts: { [roundPart(over.rounds)]: round as Json },
})
