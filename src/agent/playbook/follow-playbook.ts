import type { Json } from '../../kernel/schema.ts'
import type { Effects, Turn } from '../../kernel/types.ts'
import { nextThink } from '../goal/control.ts'
import { endGoal } from '../goal/end.ts'
import { type GoalStartPart, type GoalState, goalIndex } from '../goal/state.ts'
import type { AgentServices, PlaybookStart } from '../services.ts'
import { choosePlaybook } from './choose-playbook.ts'
import { type Playbook, runOfPlaybook } from './playbook.ts'

/** Looks for a playbook that fits the goal, and follows it; without one the goal thinks. */
export async function choose(services: AgentServices, state: GoalState, effects: Effects): Promise<Turn<GoalState>> {
  const start = (await effects.part('start')) as unknown as GoalStartPart
  const { goal, playbooks = [] } = start
  const name = await effects.run('choose', (call) => choosePlaybook(services, playbooks, goal, call), {
    effect: 'pure',
  })
  const playbook = playbooks.find((one) => one.name === name)
  if (!playbook) return { send: [nextThink(state, effects.self)] }
  const prepare = async () => (await services.preparePlaybook(playbook.pipeline, goal)) as unknown as Json
  const prepared = (await effects.run('prepare', prepare, { effect: 'pure' })) as unknown as PlaybookStart
  if ('lacks' in prepared) {
    const told = [...state.told, `The playbook ${playbook.name} was not used: ${prepared.lacks}`]
    return { state: { ...state, told }, send: [nextThink(state, effects.self)] }
  }
  return startPlaybook(state, playbook, { ...prepared.start, ...originOf(state, start, effects) }, effects)
}

function startPlaybook(state: GoalState, { name }: Playbook, body: Json, { self }: Effects): Turn<GoalState> {
  const run = runOfPlaybook(self.key)
  const acting: GoalState = { ...state, status: 'acting', run, playbook: name }
  return {
    ...{ state: acting, index: goalIndex(acting) },
    events: [{ type: 'playbook', name, run }],
    send: [{ to: { kind: 'run', key: run }, body, correlationId: run, replyTo: self }],
  }
}

function originOf({ owner }: GoalState, { untrusted, interactive }: GoalStartPart, { self }: Effects) {
  return {
    goal: self.key,
    ...(owner !== undefined && { owner }),
    ...(untrusted && { untrusted }),
    ...(interactive && { interactive }),
  }
}

/** The run of the playbook has ended: its outputs are the answer, or the model takes over and learns what was done. */
export async function endPlaybook(
  services: AgentServices,
  state: GoalState,
  status: string,
  effects: Effects,
): Promise<Turn<GoalState>> {
  const { run = '', playbook, ...rest } = state
  const text = await effects.run('outcomes', () => services.describePlaybookEnd(run), { effect: 'pure' })
  const ended: GoalState = { ...rest, status: 'thinking', followed: playbook! }
  if (status === 'completed') return endGoal(ended, { type: 'complete', answer: text }, effects)
  const told = [...state.told, `The playbook ${playbook} failed. ${text}`]
  const next: GoalState = { ...ended, told }
  return {
    ...{ state: next, index: goalIndex(next) },
    events: [{ type: 'playbook-end', name: playbook!, text }],
    send: [nextThink(next, effects.self)],
  }
}
