import { z } from 'zod'
import { events, type Route, route } from '../routing/route.ts'
import { actorDocument, actorSummary, branch, why } from '../schemas/actor.ts'
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
