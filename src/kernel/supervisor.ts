import type { Problem } from '../errors.ts'
import type { Json, Schema } from './schema.ts'
import { missing, newState, type SupervisorState, stopAll, takeDown } from './supervisor/children.ts'
import { type Child, nameOf, parseStart } from './supervisor/spec.ts'
import { defineActor } from './turn.ts'
import type { Actor, ActorRef, Effects, Notice, Send, Turn } from './types.ts'

export type { Child, Restart, Strategy, SupervisorStart } from './supervisor/spec.ts'

/**
 * `supervisor/<name>`: told a SupervisorStart, it starts its children in order, watches them, starts again those that go down
 * as its strategy says, and stops them in reverse order before it ends. Beyond its intensity it fails, and who watches it is told.
 */
export function supervisorActor(): Actor<SupervisorState | null, Json> {
  return defineActor<SupervisorState | null, Json>({
    kind: 'supervisor',
    message: ANYTHING,
    initial: () => null,
    receive: (state, message, effects) => (effects.message.type === 'request' ? start(state, message, effects) : {}),
    notice: takeNotice,
  })
}

// what children answer to their start message comes back here, and may be anything
const ANYTHING: Schema<Json> = {
  '~standard': { version: 1, vendor: 'antiphon', validate: (value) => ({ value: value as Json }) },
}

function start(state: SupervisorState | null, message: Json, effects: Effects): Turn<SupervisorState | null> {
  const asked = newState(parseStart(message), effects.message.correlationId)
  if (!state) return { ...proceed(undefined, asked, effects), reply: true }
  return isSame(state, asked) ? { reply: true } : { refuse: STARTED }
}

const isSame = (a: SupervisorState, b: SupervisorState) => specOf(a) === specOf(b)
const specOf = ({ strategy, intensity: { restarts, within }, children }: SupervisorState) =>
  JSON.stringify([strategy, restarts, within, children.map((child) => [nameOf(child), child.start, child.restart])])

const STARTED: Problem = {
  code: 'supervisor_started',
  name: 'InvalidError',
  message: 'this supervisor was started with other children; stop it first',
  terminal: true,
}

async function takeNotice(
  state: SupervisorState | null,
  notice: Notice,
  effects: Effects,
): Promise<Turn<SupervisorState | null>> {
  if (!state) return {}
  switch (notice.type) {
    case 'error':
      return noteFailing(state, notice.from)
    case 'down':
      return childDown(state, notice, effects)
    case 'cancelled':
      return effects.message.correlationId === state.work ? close(state, effects) : {}
    case 'stop':
      return { stop: false, ...close(state, effects) }
  }
}

function close(state: SupervisorState, effects: Effects): Turn<SupervisorState | null> {
  return proceed(state, stopAll(state, { type: 'stop' }), effects)
}

function noteFailing(state: SupervisorState, from: ActorRef | null): Turn<SupervisorState> {
  const child = state.children.find(({ actor }) => actor.kind === from?.kind && actor.key === from.key)
  return child ? { state: { ...state, failing: [...state.failing, nameOf(child)] } } : {}
}

async function childDown(
  state: SupervisorState,
  { of, reason }: Extract<Notice, { type: 'down' }>,
  effects: Effects,
): Promise<Turn<SupervisorState | null>> {
  const child = `${of.kind}/${of.key}`
  if (!state.up.includes(child) && !state.stopping.includes(child)) return {}
  return proceed(state, takeDown(state, { child, reason }, await effects.now()), effects)
}

/** What is to be done next: stop the next one, or, when all of those are down, what the goal says. */
function proceed(
  before: SupervisorState | undefined,
  state: SupervisorState,
  { self }: Effects,
): Turn<SupervisorState | null> {
  const { stopping, goal } = state
  if (stopping.length > 0) {
    const told = before?.stopping[0] === stopping[0]
    return { state, send: told ? [] : [stopSend(state, stopping[0]!)] }
  }
  if (goal.type === 'stop') return { stop: true }
  if (goal.type === 'escalate') return { state: null, escalate: goal.problem }
  return startAll(state, missing(state), self)
}

function startAll(state: SupervisorState, children: readonly Child[], self: ActorRef): Turn<SupervisorState> {
  const names = children.map(nameOf)
  return {
    state: { ...state, up: [...state.up, ...names], failing: state.failing.filter((name) => !names.includes(name)) },
    send: children.map(({ actor, start: body }) => ({ to: actor, body, replyTo: self, correlationId: state.work })),
    watch: children.map(({ actor }) => actor),
  }
}

function stopSend({ children, work }: SupervisorState, name: string): Send {
  const { actor } = children.find((child) => nameOf(child) === name)!
  return { to: actor, body: { reason: 'its supervisor stops it' }, type: 'stop', correlationId: work }
}
