import { InvalidError } from '../../errors.ts'
import type { Json } from '../json.ts'
import type { ActorRef } from '../types.ts'

/** Which children are restarted when one fails: that one · all · that one and those started after it. */
export type Strategy = 'one-for-one' | 'one-for-all' | 'rest-for-one'

/** permanent: is always started again · transient: only when it failed · temporary: never. */
export type Restart = 'permanent' | 'transient' | 'temporary'

/** The state of a child that is started again: keep: its last committed one (the default) · reset: the initial one. */
export type OnRestart = 'keep' | 'reset'

/**
 * An actor that a supervisor keeps up; `start` is the message that begins each of its lives. A child that keeps its
 * state gets `start` with that state, parts and timers. When a child ends by itself, they are deleted.
 */
export type Child = {
  readonly actor: ActorRef
  readonly start: Json
  readonly restart?: Restart
  readonly onRestart?: OnRestart
}

/** The first message to a supervisor. After more than `restarts` in `within` ms (default: 3 in 5 000) it fails. */
export type SupervisorStart = {
  readonly type: 'start'
  readonly strategy?: Strategy
  readonly intensity?: { readonly restarts: number; readonly within: number }
  /** in the order in which they are started; stopped in reverse */
  readonly children: readonly Child[]
}

const MAX_CHILDREN = 200
const STRATEGIES: readonly unknown[] = ['one-for-one', 'one-for-all', 'rest-for-one'] satisfies Strategy[]
const ON_RESTART: readonly unknown[] = ['keep', 'reset'] satisfies OnRestart[]
const RESTARTS: readonly unknown[] = ['permanent', 'transient', 'temporary'] satisfies Restart[]

/** Validates the start message; an InvalidError refuses it. */
export function parseStart(body: Json): Required<SupervisorStart> {
  const {
    type,
    strategy = 'one-for-one',
    intensity = DEFAULT_INTENSITY,
    children,
  } = (body ?? {}) as Partial<SupervisorStart>
  check(type === 'start', 'A supervisor takes one message, of type "start".')
  check(STRATEGIES.includes(strategy), `\`strategy\` is one of ${STRATEGIES.join(', ')}.`)
  check(isCount(intensity.restarts) && isCount(intensity.within), '`intensity` is { restarts, within }, two numbers.')
  check(
    Array.isArray(children) && children.length <= MAX_CHILDREN,
    `\`children\` is a list of at most ${MAX_CHILDREN}.`,
  )
  for (const child of children) checkChild(child)
  const names = children.map(childName)
  check(new Set(names).size === names.length, 'A child is named twice.')
  return { type: 'start', strategy, intensity, children }
}

const DEFAULT_INTENSITY = { restarts: 3, within: 5_000 } as const

function checkChild(child: Partial<Child> | null): asserts child is Child {
  const { kind, key } = child?.actor ?? {}
  check(typeof kind === 'string' && typeof key === 'string', 'A child has an actor, { kind, key }.')
  check(child?.start !== undefined, `Child ${kind}/${key} has no start message.`)
  check(RESTARTS.includes(child.restart ?? 'permanent'), `\`restart\` is one of ${RESTARTS.join(', ')}.`)
  check(ON_RESTART.includes(child.onRestart ?? 'keep'), `\`onRestart\` is one of ${ON_RESTART.join(', ')}.`)
}

function check(holds: boolean, message: string): asserts holds {
  if (!holds) throw new InvalidError(message)
}

const isCount = (value: unknown) => typeof value === 'number' && value >= 0

export const childName = ({ actor }: Child): string => `${actor.kind}/${actor.key}`
