import type { Budget, Budgets } from '../../runtime/ports/budgets.ts'
import type { RuntimeStatus } from '../../runtime/ports/maintenance.ts'
import { type AccessClient, accessClient } from './access.ts'
import { type CatalogueClient, catalogueClient } from './catalogue.ts'
import { type InboxClient, inboxClient } from './inbox.ts'
import { type InspectorClient, inspectorClient } from './inspector.ts'
import { type MaintenanceClient, maintenanceClient } from './maintenance.ts'
import { type Each, eachBy } from './pages.ts'
import { type PipelinesClient, pipelinesClient } from './pipelines.ts'
import { type Asking, askingBy, follow, type Manner, pathTo, queryOf, type Via } from './request.ts'
import { type RunsClient, runsClient } from './runs.ts'
import { type System, systemClient } from './system.ts'
import { type ThreadsClient, threadsClient } from './threads.ts'
import { ownerGone } from './transport/errors.ts'
import type { Fetch } from './transport/unix-socket.ts'

/** A runtime behind HTTP, with the ports of `Runtime`. It throws the errors that the runtime threw. */
export interface Client extends System {
  /** Resolves once the other side is there; it stays as long as the signal is not aborted. */
  attend(signal: AbortSignal): Promise<RuntimeStatus>
  readonly each: Each
  readonly pipelines: PipelinesClient
  readonly runs: RunsClient
  readonly threads: ThreadsClient
  readonly inbox: InboxClient
  readonly budgets: Budgets
  readonly access: AccessClient
  readonly inspector: InspectorClient
  readonly maintenance: MaintenanceClient
  readonly catalogue: CatalogueClient
}

/** A client over anything that answers requests. */
export function createClient(fetch: Fetch, manner: Manner = { base: 'http://antiphon' }): Client {
  const via = { fetch, ...manner }
  const asking = askingBy(via)
  const { get } = asking
  return {
    ...systemClient(asking),
    attend: (signal) => attend(via, signal),
    each: eachBy((list, query) => get(`/${list}${queryOf(query)}`)),
    pipelines: pipelinesClient(asking),
    runs: runsClient(asking),
    threads: threadsClient(asking),
    inbox: inboxClient(asking),
    budgets: budgetsClient(asking),
    access: accessClient(asking),
    inspector: inspectorClient(asking),
    maintenance: maintenanceClient(asking),
    catalogue: catalogueClient(asking),
  }
}

async function attend(via: Via, signal: AbortSignal): Promise<RuntimeStatus> {
  const presence = follow(via, '/presence', { signal })
  const first = await presence.next()
  if (first.done) throw ownerGone()
  return first.value.body as unknown as RuntimeStatus
}

/** Budgets as a client has them. */
function budgetsClient({ get, post }: Asking): Budgets {
  return {
    list: async (asked = {}) => (await get<{ items: Budget[] }>(`/budgets${queryOf(asked)}`)).items,
    get: (scope) => get(pathTo('budgets', scope)),
    set: (scope, limit, options = {}) => post(pathTo('budgets', scope, 'set'), { limit, ...options }),
    raise: (scope, limit) => post(pathTo('budgets', scope, 'raise'), { limit }),
    remove: async (scope) => void (await post(pathTo('budgets', scope, 'remove'), {})),
  }
}
