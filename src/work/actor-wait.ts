import { is, type Problem, TerminalError } from '../errors.ts'
import { type ActorRef, nameOf, parseRef } from '../kernel/ref.ts'

/** Work that waits for the reply of another actor, such as the run that makes its calls. */

const ACTOR = 'actor'

/** The error that makes work wait for the reply of an actor. */
export const awaitActor = (of: ActorRef, why: string): TerminalError =>
  new TerminalError(why, { code: 'waits', data: { waits: ACTOR, actor: nameOf(of) } })

/** The actor that such a problem names; undefined for any other problem. */
export const actorAwaited = ({ data }: Pick<Problem, 'data'>): ActorRef | undefined =>
  data?.waits === ACTOR ? parseRef(String(data.actor)) : undefined

export const isActorWait = (error: unknown): boolean => is(error) && actorAwaited(error) !== undefined
