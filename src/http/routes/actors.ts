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
const reference = id.meta({ description: '`kind/key` with the slash as %2F, or the id of a run or an ask' })
const params = z.object({ ref: reference })

/** Actors: list, read, follow events, explain waits, show the tree, find stranded actors. */
export const actorRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/actors',
    scope: 'admin',
    summary: 'List actors by name',
    query: actorsQuery,
    answer: { about: 'a page of actors', schema: listOf(actorSummary) },
    errors: ['bad_cursor'],
    handle: async ({ runtime, query }) => pageOf(await runtime.inspector.actors(query), query.limit, ({ of }) => of),
  }),
  route({
    method: 'get',
    path: '/actors/{ref}',
    scope: 'read',
    summary: 'Show an actor that belongs to your runs or threads',
    params,
    answer: { about: 'the actor', schema: actorDocument },
    errors: ['not_found'],
    handle: ({ runtime, params }) => runtime.actors.actor(params.ref),
  }),
  route({
    method: 'get',
    path: '/actors/{ref}/events',
    scope: 'read',
    summary: 'Follow an actor',
    params,
    query: eventsQuery,
    answer: events('the durable events of the actor until it is deleted'),
    errors: ['not_found'],
    async handle({ runtime: { actors }, caller, follow, params: { ref }, query, header }) {
      // check before the stream starts, so that a missing actor is a 404
      const { of } = await actors.actor(ref)
      return follow(caller, {
        topic: `actor/${of}`,
        after: startAfter(query, header(LAST_EVENT)),
        // model deltas belong to runs and asks, not to actors
        durable: (from) => actors.tail(of, from),
      })
    },
  }),
  route({
    method: 'get',
    path: '/actors/{ref}/why',
    scope: 'read',
    summary: 'Explain what an actor waits for, and what that waits for in turn',
    params,
    answer: { about: 'the reasons', schema: why },
    errors: ['not_found'],
    handle: ({ runtime, params }) => runtime.actors.why(params.ref),
  }),
  route({
    method: 'get',
    path: '/tree',
    scope: 'read',
    summary: 'Show an actor and the actors that work for it, or all actors with work',
    query: z.object({ ref: maybe(reference) }),
    answer: { about: 'the trees of actors', schema: listOf(branch) },
    errors: ['not_found'],
    handle: async ({ runtime, query }) => ({ items: await runtime.actors.tree(query.ref) }),
  }),
  route({
    method: 'get',
    path: '/stranded',
    scope: 'admin',
    summary: 'List the actors that nothing will ever wake',
    answer: { about: 'their names; a healthy system has none', schema: listOf(z.string()) },
    handle: async ({ runtime }) => ({ items: await runtime.inspector.stranded() }),
  }),
]

const letterParams = z.object({ letter: id })

/** Dead letters: list, read, retry, drop. */
export const deadLetterRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/deadletters',
    scope: 'admin',
    summary: 'List messages that failed for good, newest first',
    query: z.object({ owner: maybe(id), ...page }),
    answer: { about: 'a page of dead letters', schema: listOf(letterSummary) },
    errors: ['bad_cursor'],
    handle: async ({ runtime, query }) =>
      pageOf(await runtime.inspector.deadLetters.list(query), query.limit, cursorOfLetter),
  }),
  route({
    method: 'get',
    path: '/deadletters/{letter}',
    scope: 'admin',
    summary: 'Show a dead letter with its message and its error',
    params: letterParams,
    answer: { about: 'the dead letter', schema: deadLetter },
    errors: ['not_found'],
    handle: ({ runtime, params }) => runtime.inspector.deadLetters.get(params.letter),
  }),
  route({
    method: 'post',
    path: '/deadletters/{letter}/retry',
    scope: 'admin',
    summary: 'Send a dead letter again and wait for the result',
    params: letterParams,
    answer: { about: 'the result', schema: retried },
    errors: ['not_found'],
    handle: ({ runtime, params, signal }) => runtime.inspector.deadLetters.retry(params.letter, signal),
  }),
  route({
    method: 'post',
    path: '/deadletters/{letter}/drop',
    scope: 'admin',
    summary: 'Drop a dead letter',
    params: letterParams,
    answer: { about: 'the dropped dead letter', schema: letterSummary },
    errors: ['not_found'],
    handle: ({ runtime, params }) => runtime.inspector.deadLetters.drop(params.letter),
  }),
]
