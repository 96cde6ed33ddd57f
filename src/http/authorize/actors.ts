import { NotFoundError, unlessMissing } from '../../errors.ts'
import { KIND, runRef, threadRef } from '../../house/actors.ts'
import { type ActorRef, nameOf, parseRef } from '../../kernel/ref.ts'
import type { Inspector } from '../../runtime/ports/inspector.ts'
import { threadOfPhase } from '../../thread/protocol/refs.ts'
import type { RuntimeViewer } from './viewer.ts'

/** Actors of the caller's own runs and threads; an admin sees all. REF as in the inspector. */
type ScopedActors = Pick<Inspector, 'actor' | 'tail' | 'why' | 'tree' | 'work'>

export function scopedActors({ runtime, caller, isAdmin, seen, findThread, findAsk }: RuntimeViewer): ScopedActors {
  const { inspector } = runtime
  const only = isAdmin ? {} : { owner: caller.owner }
  const isOwn = async (run: string) => (await runtime.serving.ownerOfRun(run)) === caller.owner

  /** The actor that the caller means; undefined when it does not belong to the caller. */
  function find(given: string): Promise<ActorRef | undefined> {
    return given.includes('/') ? findRef(parseRef(given)) : findId(given)
  }

  async function findRef(of: ActorRef): Promise<ActorRef | undefined> {
    if (of.kind === KIND.run) return (await isOwn(of.key)) ? of : undefined
    if (of.kind === KIND.step) return (await isOwnStep(of.key)) ? of : undefined
    const thread = of.kind === KIND.thread ? of : threadOfPhase(of)
    const found = thread && (await findChain(thread.key))
    return thread && found && { kind: of.kind, key: found.key + of.key.slice(thread.key.length) }
  }

  async function findId(id: string): Promise<ActorRef | undefined> {
    if (await isOwn(id)) return runRef(id)
    return (await findChain(id)) ?? findAsked(id)
  }

  /** The key of a step starts with its run and has a last part without a dot; the run may contain dots. */
  const isOwnStep = (key: string) => isOwn(key.slice(0, Math.max(0, key.lastIndexOf('.'))))

  async function findChain(name: string): Promise<ActorRef | undefined> {
    const found = await findThread(name).catch(unlessMissing)
    return found?.hasBegun ? threadRef(found.key) : undefined
  }

  async function findAsked(ask: string): Promise<ActorRef | undefined> {
    const found = await findAsk(ask).catch(unlessMissing)
    return found && threadRef(found.thread)
  }

  /** Reads one of the caller's own items. Other items are reported like missing ones, without suggestions. */
  async function look<T>(given: string, at: (ref: string) => Promise<T>): Promise<T> {
    if (isAdmin) return at(given)
    const found = await find(given)
    const actor = found && (await at(nameOf(found)).catch(unlessMissing))
    if (actor === undefined) throw noActor(given)
    return actor
  }

  return {
    actor: (ref) => look(ref, inspector.actor),
    async *tail(ref, from) {
      const of = await look(ref, async (found) => (await inspector.actor(found)).of)
      yield* inspector.tail(of, from)
    },
    why: (ref) => look(ref, inspector.why),
    work: () => inspector.work(seen === 'all' ? {} : { owners: seen }),
    async tree(ref) {
      return ref === undefined ? inspector.tree(ref, only) : look(ref, (found) => inspector.tree(found, only))
    },
  }
}

function noActor(given: string): NotFoundError {
  return new NotFoundError(`There is no ${given.includes('/') ? 'actor' : 'run, ask or thread'} ${given}.`)
}
