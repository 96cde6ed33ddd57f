import { z } from 'zod'
import { cursorOfLetter } from '../../runtime/ports/inspector.ts'
import { events, type Route, route } from '../routing/route.ts'
import { actorDocument, actorSummary, branch, deadLetter, letterSummary, retried, why } from '../schemas/actor.ts'
import { id, listOf, maybe, page, pageOf } from '../schemas/basic.ts'
import { eventsQuery, startAfter } from '../stream/event-stream.ts'
import { LAST_EVENT } from '../wire/sse.ts'

const actorsQuery = z.object({
  kind: maybe(z.string().max(100)),
  status: maybe(z.string().max(100)),
  ...page,
})
const reference = id.meta({ description: 'kind/key with the slash as %2F, or the id of a run or an ask' })
const params = z.object({ ref: reference })

/** Actors: list, look at one, follow its events, who works for whom, and who is stranded. */
export const actorRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/actors',
    scope: 'admin',
    summary: 'Actors by name',
    query: actorsQuery,
    answer: { about: 'a page of them', schema: listOf(actorSummary) },
    errors: ['bad_cursor'],
    handle: async ({ runtime, query }) => pageOf(await runtime.inspector.actors(query), query.limit, ({ of }) => of),
  }),
  route({
    method: 'get',
    path: '/actors/{ref}',
    scope: 'read',
    summary: 'All that is known of an actor: of a run or a thread that is yours, or of what works for it',
    params,
    answer: { about: 'the actor', schema: actorDocument },
    errors: ['not_found'],
    handle: ({ runtime, params }) => runtime.actors.actor(params.ref),
  }),
  route({
    method: 'get',
    path: '/actors/{ref}/events',
    scope: 'read',
    summary: "An actor's durable events, then live ones",
    params,
    query: eventsQuery,
    answer: events('its durable events, until it is gone'),
    errors: ['not_found'],
    async handle({ runtime: { actors }, caller, follow, params: { ref }, query, header }) {
      // an actor that is not there is told before the stream begins
      const { of } = await actors.actor(ref)
      return follow(caller, {
        topic: `actor/${of}`,
        after: startAfter(query, header(LAST_EVENT)),
        // what models write belongs to a piece of work, not to an actor
        durable: (from) => actors.tail(of, from),
      })
    },
  }),
  route({
    method: 'get',
    path: '/actors/{ref}/why',
    scope: 'read',
    summary: 'What an actor waits for, and what that waits for',
    params,
    answer: { about: 'what holds it', schema: why },
    errors: ['not_found'],
    handle: ({ runtime, params }) => runtime.actors.why(params.ref),
  }),
  route({
    method: 'get',
    path: '/tree',
    scope: 'read',
    summary: 'An actor and what works for it, or all that has work',
    query: z.object({ ref: maybe(reference) }),
    answer: { about: 'the trees', schema: listOf(branch) },
    errors: ['not_found'],
    handle: async ({ runtime, query }) => ({ items: await runtime.actors.tree(query.ref) }),
  }),
  route({
    method: 'get',
    path: '/stranded',
    scope: 'admin',
    summary: 'The actors that nothing will ever wake',
    answer: { about: 'their names; there should be none', schema: listOf(z.string()) },
    handle: async ({ runtime }) => ({ items: await runtime.inspector.stranded() }),
  }),
]

const letterParams = z.object({ letter: id })

/** Dead letters: list, look at one, send it again, drop it. */
export const deadLetterRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/deadletters',
    scope: 'admin',
    summary: 'Messages that failed for good, the newest first',
    query: z.object({ owner: maybe(id), ...page }),
    answer: { about: 'a page of them', schema: listOf(letterSummary) },
    errors: ['bad_cursor'],
    handle: async ({ runtime, query }) =>
      pageOf(await runtime.inspector.deadLetters.list(query), query.limit, cursorOfLetter),
  }),
  route({
    method: 'get',
    path: '/deadletters/{letter}',
    scope: 'admin',
    summary: 'A dead letter with its message and its error',
    params: letterParams,
    answer: { about: 'the dead letter', schema: deadLetter },
    errors: ['not_found'],
    handle: ({ runtime, params }) => runtime.inspector.deadLetters.get(params.letter),
  }),
  route({
    method: 'post',
    path: '/deadletters/{letter}/retry',
    scope: 'admin',
    summary: 'Send a dead letter again, and wait until it was taken',
    params: letterParams,
    answer: { about: 'what came of it', schema: retried },
    errors: ['not_found'],
    handle: ({ runtime, params, signal }) => runtime.inspector.deadLetters.retry(params.letter, signal),
  }),
  route({
    method: 'post',
    path: '/deadletters/{letter}/drop',
    scope: 'admin',
    summary: 'Drop a dead letter',
    params: letterParams,
    answer: { about: 'what was dropped', schema: letterSummary },
    errors: ['not_found'],
    handle: ({ runtime, params }) => runtime.inspector.deadLetters.drop(params.letter),
  }),
]
