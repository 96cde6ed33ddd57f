import { ACTORS } from '../../contract/actors.ts'
import { CATALOGUE } from '../../contract/catalogue.ts'
import { LAST_EVENT } from '../../contract/operations.ts'
import { handlers } from '../routing/route.ts'
import { startAfter } from '../stream/event-stream.ts'

/** Events of actors. */
export const actorHandlers = handlers(ACTORS, {
  async 'inspector.tail'({ runtime: { inspector }, caller, follow, params: { ref }, query, header }) {
    // check before the stream starts, so that a missing actor is a 404
    const { of } = await inspector.actor(ref)
    return follow(caller, {
      topic: `actor/${of}`,
      after: startAfter(query, header(LAST_EVENT)),
      // model deltas belong to runs and asks, not to actors
      durable: (from) => inspector.tail(of, from),
    })
  },
})

/** The list of tools leaves out their fields. */
export const catalogueHandlers = handlers(CATALOGUE, {
  'catalogue.tools': ({ runtime }) => ({
    items: runtime.catalogue.tools().map(({ name, description, effect, missing }) => ({
      ...{ name, description, effect },
      ...(missing !== undefined && { missing }),
    })),
  }),
  'catalogue.tool': ({ runtime, params }) => ({ items: runtime.catalogue.tools(params.tool) }),
})
