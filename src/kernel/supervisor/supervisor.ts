import { type Problem, refusal } from '../../errors.ts'
import type { Json, Schema } from '../schema.ts'
import { defineActor } from '../turn.ts'
import type { Actor, ActorRef, Effects, Notice, Send, Turn } from '../types.ts'
import type { SupervisorState } from './children.ts'
import { afterChildDown, keepsChildState, missingChildren, newState, stopAll } from './children.ts'
import { type Child, childName, parseStart } from './spec.ts'

/**
 * `supervisor/<name>`: starts its children in order, watches them, restarts them by its strategy,
 * and stops them in reverse order before it ends. Beyond its restart intensity it fails, and its
 * watchers get a notice.
 */
export function supervisorActor(): Actor<SupervisorState | null, Json> {
  return defineActor<SupervisorState | null, Json>({
    kind: 'supervisor',
    message: ANY_JSON,
    initial: () => null,
    receive: (state, message, effects) => (effects.message.type === 'request' ? start(state, message, effects) : {}),
    notice: takeNotice,
  })
}

// replies of children to their start message arrive here, and may be anything
const ANY_JSON: Schema<Json> = {
  '~standard': { version: 1, vendor: 'antiphon', validate: (value) => ({ value: value as Json }) },
}

function start(state: SupervisorState | null, message: Json, effects: Effects): Turn<SupervisorState | null> {
  const asked = newState(parseStart(message), effects.message.correlationId)
  if (!state) return { ...proceed(undefined, asked, effects), reply: true }
  return specOf(state) === specOf(asked) ? { reply: true } : { refuse: ALREADY_STARTED }
}
const specOf = ({ strategy, intensity: { restarts, within }, children }: SupervisorState) =>
  JSON.stringify([
    strategy,
    restarts,
    within,
    children.map((child) => [childName(child), child.start, child.restart, child.onRestart]),
  ])

const ALREADY_STARTED: Problem = refusal({
  code: 'supervisor_started',
  message: 'this supervisor was started with other children; stop it first',
})

async function takeNotice(
  state: SupervisorState | null,
  notice: Notice,
  effects: Effects,
): Promise<Turn<SupervisorState | null>> {
  if (!state) return {}
  switch (notice.type) {
    case 'error':
      return noteFailing(state, notice.from, effects)
    case 'down':
      return childDown(state, notice, effects)
    case 'cancelled':
      return effects.message.correlationId === state.work ? close(state, { type: 'stop' }, effects) : {}
    case 'stop':
      return { stop: false, ...close(state, { type: 'stop', ...(notice.keep && { keep: true }) }, effects) }
  }
}

function close(state: SupervisorState, goal: SupervisorState['goal'], effects: Effects): Turn<SupervisorState | null> {
  return proceed(state, stopAll(state, goal), effects)
}

async function noteFailing(
  state: SupervisorState,
  from: ActorRef | null,
  effects: Effects,
): Promise<Turn<SupervisorState | null>> {
  const child = state.children.find(({ actor }) => actor.kind === from?.kind && actor.key === from.key)
  if (!child) return {}
  const name = childName(child)
  const noted = { ...state, failing: [...state.failing, name] }
  // a child with the initial state is deleted now, and its watch reports that; one that keeps its state still exists
  if (!state.up.includes(name) || !state.kept.includes(name)) return { state: noted }
  return proceed(state, afterChildDown(noted, { child: name, reason: 'failed' }, await effects.now()), effects)
}

async function childDown(
  state: SupervisorState,
  { of, reason }: Extract<Notice, { type: 'down' }>,
  effects: Effects,
): Promise<Turn<SupervisorState | null>> {
  const child = `${of.kind}/${of.key}`
  if (!state.up.includes(child) && !state.stopping.includes(child)) return {}
  return proceed(state, afterChildDown(state, { child, reason }, await effects.now()), effects)
}

/** The next action: stop the next child, or pursue the goal when all are down. */
function proceed(
  before: SupervisorState | undefined,
  state: SupervisorState,
  { self }: Effects,
): Turn<SupervisorState | null> {
  const { stopping, goal } = state
  if (stopping.length > 0) {
    const isAsked = before?.stopping[0] === stopping[0]
    return { state, send: isAsked ? [] : [stopSend(state, stopping[0]!)] }
  }
  // children keep their state, the supervisor starts fresh
  if (goal.type === 'stop') return { stop: true, state: null }
  if (goal.type === 'escalate') return { state: null, escalate: goal.problem }
  return startAll(state, missingChildren(state), self)
}

function startAll(state: SupervisorState, children: readonly Child[], self: ActorRef): Turn<SupervisorState> {
  const names = children.map(childName)
  return {
    state: { ...state, up: [...state.up, ...names], failing: state.failing.filter((name) => !names.includes(name)) },
    send: children.map(({ actor, start: body }) => ({ to: actor, body, replyTo: self, correlationId: state.work })),
    watch: children.map(({ actor }) => actor),
  }
}

function stopSend(state: SupervisorState, name: string): Send {
  const { actor } = state.children.find((child) => childName(child) === name)!
  const body = { reason: 'its supervisor stops it', ...(keepsChildState(state, name) && { keep: true }) }
  return { to: actor, body, type: 'stop', correlationId: state.work }
}
