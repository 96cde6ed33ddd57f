import { ENVIRONMENTS } from '../../contract/environments.ts'
import { LAST_EVENT } from '../../contract/operations.ts'
import { type Route, routes } from '../routing/route.ts'
import { startAfter } from '../stream/event-stream.ts'

/** Environments: list, read, change, follow, save, restore. */
export const environmentRoutes: readonly Route[] = routes(ENVIRONMENTS, {
  'environments.list': ({ runtime, query }) => runtime.environments.list(query),
  'environments.get': ({ runtime, params: { name } }) => runtime.environments.get(name),
  'environments.update': ({ runtime, params: { name }, body: { patch, ...options }, made }) =>
    runtime.environments.update(name, patch, { ...options, ...(made && { id: made }) }),
  async 'environments.watch'({ runtime, caller, follow, params: { name }, query, header }) {
    // check before the stream starts, so that a missing environment is a 404
    const { owner } = await runtime.environments.get(name)
    return follow(caller, {
      topic: `environment/${owner}/${name}`,
      after: startAfter(query, header(LAST_EVENT)),
      durable: (from) => runtime.environments.watch(name, from),
    })
  },
  'environments.snapshot': ({ runtime, params: { name } }) => runtime.environments.snapshot(name),
  'environments.restore': ({ runtime, params: { name }, body: { version, ...options } }) =>
    runtime.environments.restore(name, version, options),
  'environments.health': ({ runtime }) => runtime.environments.health(),
})
