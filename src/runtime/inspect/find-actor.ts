import type { ChainState } from '../../chain/protocol/ask-state.ts'
import type { EngineView } from '../../engine/engine.ts'
import { inspectOne } from '../../engine/liveness.ts'
import { NotFoundError } from '../../errors.ts'
import { parseRef } from '../../kernel/ref.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { nearestWord } from '../../lib/suggest.ts'

/**
 * The actor that a person means by kind/key, or by the id of a run, of a running or recent ask (up to a day), or of a thread. NotFoundError
 * names the nearest id.
 */
export async function findActor(view: EngineView, given: string): Promise<ActorRef> {
  const found = given.includes('/') ? parseRef(given) : await findById(view, given)
  if (found && (await inspectOne(view, found))) return found
  throw new NotFoundError(await unknown(view, given))
}

async function findById(view: EngineView, id: string): Promise<ActorRef | undefined> {
  for (const kind of ['run', 'chain', 'agent']) if (await inspectOne(view, { kind, key: id })) return { kind, key: id }
  return findAsk(view, id)
}

async function findAsk(view: EngineView, id: string): Promise<ActorRef | undefined> {
  const asked = await view.asked(id)
  if (asked?.kind === 'chain') return asked
  for (const { key } of await view.list('chain', { where: { status: 'running' } })) {
    const state = (await view.peek({ kind: 'chain', key })) as ChainState | undefined
    if (state?.current?.id === id || state?.queue.some((waiting) => waiting.id === id)) return { kind: 'chain', key }
  }
  // a run that was acknowledged right before a crash is only a message and has no state yet
  const untaken = await view.inspect({ kind: 'chain', limit: MAX_NAMES_COMPARED })
  return untaken.find(({ mail }) => mail.some(({ correlationId }) => correlationId === id))?.of
}

/** Maximum number of names that are compared with an unknown one. */
const MAX_NAMES_COMPARED = 1000

async function unknown(view: EngineView, given: string): Promise<string> {
  const { kind, key } = given.includes('/') ? parseRef(given) : { kind: 'run', key: given }
  const known = await view.inspect({ kind, limit: MAX_NAMES_COMPARED })
  const near = nearestWord(
    key,
    known.map(({ of }) => of.key),
  )
  const what = given.includes('/') ? `no actor \`${given}\`` : `no run, goal, question, thread or actor \`${given}\``
  const meant =
    near !== undefined ? ` Did you mean ${given.includes('/') ? `${kind}/` : ''}${near}?` : ' See: antiphon actors list'
  return `There is ${what}.${meant}`
}
