/**
 * Environments: shared JSON with versions. Runs and goals of an owner read and update it, and callers follow its
 * changes. Use it when several pieces of work need the same facts; use the outputs of a step within one run.
 */

import type { Room } from '../house/room.ts'
import { environmentActor } from './actor.ts'
import { ENVIRONMENTS } from './room/contract.ts'
import { environmentsForTools } from './room/for-tools.ts'
import { createEnvironments, type EnvironmentNeeds, rulesOf } from './room/open-port.ts'
import type { EnvironmentDocument, EnvironmentsPort } from './room/port.ts'
import { environmentTools } from './room/tools.ts'
import { type EnvironmentsView, viewEnvironments } from './room/view.ts'

export const environmentRoom: Room<EnvironmentsPort, EnvironmentsView, EnvironmentNeeds> = {
  contract: ENVIRONMENTS,
  tools: environmentTools,
  actors: ({ environments }) => [environmentActor(rulesOf(environments))],
  owns: [{ kind: 'environment', place: 'environments' }],
  open: createEnvironments,
  view: viewEnvironments,
  // a missing environment is an error before the stream starts
  async topicOf(view, { name }: Pick<EnvironmentDocument, 'name'>) {
    return `environment/${(await view.get(name)).owner}/${name}`
  },
  forTools: environmentsForTools,
}
