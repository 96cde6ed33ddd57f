import { runRef } from '../../house/actors.ts'
import type { Json } from '../../kernel/json.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { runOfPlaybook } from '../../run/ids.ts'
import { choosePlaybook } from '../playbook/choose-playbook.ts'
import type { PlaybookEnd, PlaybookStart } from '../playbook/services.ts'
import type { GoalEvent } from '../protocol/goal-event.ts'
import { type GoalStartPart, readStart } from '../protocol/messages.ts'
import { type Following, type GoalState, goalIndex, type Thinking } from '../protocol/state.ts'
import { originOfRuns, unknownPolicy } from './calls/start-run.ts'
import { isOfflineGoal, nextThink } from './control.ts'
import { endGoal } from './end.ts'
import type { AgentServices } from './services.ts'
import { checkOutput } from './think/final-answer.ts'

/** Follows a playbook of the agent or of its skills that fits the goal; undefined: none does, and the goal thinks. */
export async function choose(
  services: AgentServices,
  state: Thinking,
  effects: Effects,
): Promise<Turn<GoalState> | undefined> {
  const start = await readStart(effects)
  const { goal, playbooks = [] } = start
  if (start.ofStep || start.playbook === false || playbooks.length === 0) return undefined
  const name = await effects.run('choose', (call) => choosePlaybook(services, playbooks, goal, call), {
    effect: 'pure',
  })
  const playbook = playbooks.find((one) => one.name === name)
  if (!playbook) return undefined
  const prepare = async () => (await services.preparePlaybook(playbook.pipeline, goal)) as Json
  const prepared = (await effects.run('prepare', prepare, { effect: 'pure' })) as PlaybookStart
  if ('lacks' in prepared) {
    const notes = [...state.told, `The playbook ${playbook.name} was not used: ${prepared.lacks}`]
    return { state: { ...state, told: notes }, send: [nextThink(state, effects.self)] }
  }
  const body = { ...prepared.start, ...(await originOfPlaybook(services, state, start, effects)) }
  return startPlaybook(state, playbook.name, body, effects)
}

/** The run of a playbook asks a person before the same calls as the run of a round, whatever its file says. */
async function originOfPlaybook(services: AgentServices, state: GoalState, start: GoalStartPart, effects: Effects) {
  const definition = await services.readDefinition(start.definition)
  const { approve = services.approve } = definition
  return { ...originOfRuns(state, start, effects), ...unknownPolicy(definition), approve }
}

function startPlaybook(state: Thinking, name: string, body: Json, { self }: Effects): Turn<GoalState> {
  const run = runOfPlaybook(self.key)
  const acting: Following = { ...state, status: 'acting', run, playbook: name }
  return {
    state: acting,
    index: goalIndex(acting),
    events: [{ type: 'playbook', name, run } satisfies GoalEvent],
    send: [{ to: runRef(run), body, correlationId: run, replyTo: self }],
  }
}

/** The run of the playbook has ended: its outputs are the answer, or the model takes over and learns what was done. */
export async function endPlaybook(
  services: AgentServices,
  state: Following,
  status: string,
  effects: Effects,
): Promise<Turn<GoalState>> {
  const { run, playbook, ...rest } = state
  const describe = async () => (await services.describePlaybookEnd(run)) as Json
  const end = (await effects.run('outcomes', describe, { effect: 'pure' })) as PlaybookEnd
  const ended: Thinking = { ...rest, status: 'thinking', followed: playbook }
  const isRejected = end.isRejected && !(await isOfflineGoal(services, effects))
  const isDone = status === 'completed' && !isRejected
  const answer = (end.isRejected ? undefined : end.answer) ?? end.done
  // a message arrived while the goal followed the playbook: the model has to read it
  const isUnread = state.told.length > 0 && !(await isOfflineGoal(services, effects))
  const final = isDone && !isUnread ? await outputOf(services, end, effects) : undefined
  const wrong = final && 'wrong' in final ? ` It does not fit the output: ${final.wrong}.` : ''
  if (isDone && !isUnread && wrong === '') {
    const given = final && 'value' in final && { answer: JSON.stringify(final.value), output: final.value }
    return endGoal(ended, { type: 'complete', answer, ...given }, effects)
  }
  const outcome = isDone
    ? `has completed. Its answer: ${answer}${wrong}`
    : `${isRejected ? 'was not completed' : 'failed'}. ${end.done}`
  const notes = [...state.told, `The playbook ${playbook} ${outcome}`]
  const next: Thinking = { ...ended, told: notes }
  return {
    state: next,
    index: goalIndex(next),
    events: [{ type: 'playbook-end', name: playbook, text: end.done } satisfies GoalEvent],
    send: [nextThink(next, effects.self)],
  }
}

/** The outputs of a playbook as the answer of an agent with an `output`; undefined: its answers are texts. */
async function outputOf(services: AgentServices, { outputs }: PlaybookEnd, effects: Effects) {
  const { definition } = await readStart(effects)
  const checking = { definition: await services.readDefinition(definition), outputOf: services.outputOf }
  return checking.definition.output && checkOutput(outputs ?? null, checking, effects)
}
