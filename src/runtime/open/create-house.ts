import { memoryWorkOf } from '../../agent/room/agents/memory-work.ts'
import type { GoalsPort } from '../../agent/room/goals/port.ts'
import type { Config } from '../../config/config.ts'
import { type Clock, type Engine, inspectOne } from '../../engine/engine.ts'
import type { House } from '../../house/house.ts'
import { type Ownership, sortOwnership } from '../../house/owned.ts'
import type { InboxPort } from '../../inbox/room/port.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import type { PipelinesPort } from '../../pipeline/room/port.ts'
import type { PipelineServices } from '../../pipeline/step/context.ts'
import { forgetByRooms, type RoomPorts, type WholeHouse } from '../../rooms/rooms.ts'
import type { RunsPort } from '../../run/room/port.ts'
import { threadOfPhase } from '../../thread/protocol/refs.ts'
import type { OpenThreads } from '../../thread/room/asks.ts'
import type { ThreadActors } from '../../thread/room/follow-threads.ts'
import type { Activity } from '../../work/activity.ts'
import type { WorkflowServices } from '../../workflow/live/services.ts'
import { pathOpener } from '../services/open-path.ts'
import type { OpenedEngine } from './parts.ts'
import type { Services } from './services.ts'

export type HouseParts = {
  readonly config: Config
  readonly services: Services
  readonly steps: PipelineServices & { readonly workflows: WorkflowServices }
  readonly engine: Engine
  readonly clock: Clock
  readonly activity: Activity
  readonly health: WholeHouse['health']
  readonly secret: House['secret']
  readonly onEnd: WholeHouse['onEnd']
  readonly changes: OpenedEngine['changes']
  readonly encoder: WholeHouse['encoder']
  readonly cleaning: House['cleaning']
  readonly ownership: readonly Ownership[]
  readonly trustedNow: House['trustedNow']
  /** Removes cached replies to an owner; resolves with their number. */
  dropCached(owner: string): Promise<number>
  checkName: WholeHouse['checkName']
}

/** Ports that are opened after the house: rooms are made from it, and the others use rooms. */
type LaterPorts = {
  readonly rooms: RoomPorts
  readonly inbox: InboxPort
  readonly asks: OpenThreads
  readonly costOfRun: WholeHouse['costOfRun']
  readonly work: { readonly runs: RunsPort; readonly goals: GoalsPort; readonly pipelines: PipelinesPort }
}

/** The house of a runtime, which its rooms work with. */
export function createHouse(
  parts: HouseParts,
  runs: RunsPort,
  threads: ThreadActors,
  later: () => LaterPorts,
): WholeHouse {
  const { config, services, steps, engine, clock, health, secret, encoder, cleaning } = parts
  return {
    config,
    bytes: services.values,
    programs: services.programs,
    workflows: steps.workflows.workflows,
    engine,
    clock,
    trustedNow: parts.trustedNow,
    ...(encoder && { encoder }),
    health,
    ...(parts.onEnd && { onEnd: parts.onEnd }),
    ...(parts.changes && { watch: parts.changes.watch }),
    costOfRun: (run) => later().costOfRun(run),
    inbox: (query) => later().inbox.list(query),
    work: () => later().work,
    track: parts.activity.track,
    shown: (value) => steps.secrets?.shown(value) ?? value,
    secret,
    ...(cleaning && { cleaning }),
    owned() {
      const { forget } = forgetByRooms(later().rooms)
      return {
        ...sortOwnership(parts.ownership),
        async forget(owner, options) {
          const counts = await forget(owner, options)
          return options.dryRun ? counts : { ...counts, 'cached replies': await parts.dropCached(owner) }
        },
      }
    },
    checkOwner: (owner = LOCAL_OWNER) => later().rooms.erasures.check(owner),
    resumeErasures: () => later().rooms.erasures.resume(),
    resumeBulks: () => later().rooms.bulks.resume(),
    linkedRuns: {
      get: runs.get,
      resume: runs.resume,
      waiting: (run) => later().inbox.list({ run, limit: 1000, content: 'whole' }),
    },
    checkName: parts.checkName,
    workOf: (run) => memoryWorkOf(engine.view, run),
    web: () => services.toolServices.web(),
    openPath: pathOpener(config.folder, steps),
    async statusOfAsk(ask) {
      const { asks } = later()
      const thread = await asks.serving.threadOfAsk(ask)
      return thread === undefined ? undefined : (await asks.port.getAsk(thread, ask)).status
    },
    async goOn(of) {
      const thread = threadOfPhase(of)
      if (thread) return threads.takeUp(thread.key)
      const run = (await inspectOne(engine.view, of))?.cell?.index?.run
      if (typeof run === 'string') await runs.resume(run)
    },
  }
}
