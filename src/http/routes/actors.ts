import { ACTORS, DEAD_LETTERS } from '../../contract/actors.ts'
import { pageOf } from '../../contract/documents/basic.ts'
import { LAST_EVENT } from '../../contract/operations.ts'
import { cursorOfLetter } from '../../runtime/ports/inspector.ts'
import { type Route, routes } from '../routing/route.ts'
import { startAfter } from '../stream/event-stream.ts'

/** Actors: list, read, follow events, explain waits, show the tree, find stranded actors. */
export const actorRoutes: readonly Route[] = routes(ACTORS, {
  'inspector.actors': async ({ runtime, query }) =>
    pageOf(await runtime.inspector.actors(query), query.limit, ({ of }) => of),
  'inspector.actor': ({ runtime, params }) => runtime.actors.actor(params.ref),
  async 'inspector.tail'({ runtime: { actors }, caller, follow, params: { ref }, query, header }) {
    // check before the stream starts, so that a missing actor is a 404
    const { of } = await actors.actor(ref)
    return follow(caller, {
      topic: `actor/${of}`,
      after: startAfter(query, header(LAST_EVENT)),
      // model deltas belong to runs and asks, not to actors
      durable: (from) => actors.tail(of, from),
    })
  },
  'inspector.why': ({ runtime, params }) => runtime.actors.why(params.ref),
  'inspector.tree': async ({ runtime, query }) => ({ items: await runtime.actors.tree(query.ref) }),
  'inspector.stranded': async ({ runtime }) => ({ items: await runtime.inspector.stranded() }),
})

/** Dead letters: list, read, retry, drop. */
export const deadLetterRoutes: readonly Route[] = routes(DEAD_LETTERS, {
  'inspector.deadLetters.list': async ({ runtime, query }) =>
    pageOf(await runtime.inspector.deadLetters.list(query), query.limit, cursorOfLetter),
  'inspector.deadLetters.get': ({ runtime, params }) => runtime.inspector.deadLetters.get(params.letter),
  'inspector.deadLetters.retry': ({ runtime, params, signal }) =>
    runtime.inspector.deadLetters.retry(params.letter, signal),
  'inspector.deadLetters.drop': ({ runtime, params }) => runtime.inspector.deadLetters.drop(params.letter),
})
