/** The list of all rooms. The runtime, the routes, the client and the tools are made from it. Add a room here. */

import type { AccessClient } from '../access/room/client.ts'
import { accessRoom } from '../access/room.ts'
import { agentRoom } from '../agent/room.ts'
import type { Budgets } from '../budget/room/port.ts'
import { budgetRoom } from '../budget/room.ts'
import { bulkRoom } from '../bulk/room.ts'
import { checkpointRoom } from '../checkpoint/room.ts'
import { commonsRoom } from '../commons/room.ts'
import type { Config } from '../config/config.ts'
import type { EnvironmentsClient } from '../environment/room/client.ts'
import { environmentRoom } from '../environment/room.ts'
import { erasureRoom } from '../erasure/room.ts'
import type { FilesClient } from '../file/room/client.ts'
import { fileRoom } from '../file/room.ts'
import type { HooksClient } from '../hook/room/port.ts'
import { hookRoom } from '../hook/room.ts'
import { viewPorts } from '../house/guard.ts'
import type { House } from '../house/house.ts'
import type { Counts, OwnedData, Ownership } from '../house/owned.ts'
import type { BackgroundWork, Room } from '../house/room.ts'
import type { Viewer } from '../house/viewer.ts'
import { inboxRoom } from '../inbox/room.ts'
import type { Actor } from '../kernel/types.ts'
import type { LedgerClient } from '../ledger/room/port.ts'
import { ledgerRoom } from '../ledger/room.ts'
import { joined, lazily } from '../lib/own.ts'
import type { MemoryClient } from '../memory/room/requests.ts'
import { memoryRoom } from '../memory/room.ts'
import { noticeRoom } from '../notify/room.ts'
import { pipelineRoom } from '../pipeline/room.ts'
import { runRoom } from '../run/room.ts'
import { scheduleRoom } from '../schedule/room.ts'
import { testedRoom } from '../tested/room.ts'
import { threadRoom } from '../thread/room.ts'
import type { CallingRun, RoomsForTools, Tool } from '../tool/tool.ts'
import { workflowRoom } from '../workflow/room.ts'

/** All rooms that register themselves, by the name of their port in `Runtime` and `Client`. */
export const ROOMS = {
  /** Shared state with versions, and the health of this process. */
  environments: environmentRoom,
  /** spending limits for models, by run, thread, owner and day */
  budgets: budgetRoom,
  /** Messages about work that waits for people. */
  notices: noticeRoom,
  /** Records of each owner that outlive runs: found again, and forgotten for good. */
  memory: memoryRoom,
  /** The rewards of owners, in a chain of hashes; off until `ledger: local`. */
  ledger: ledgerRoom,
  /** Prompts that owners have shared, and the rewards for them; off until `ledger: { sharing: public }`. */
  priors: commonsRoom,
  /** API keys, links for people without a key, and the audit. */
  access: accessRoom,
  /** Runs and goals that start by themselves. */
  schedules: scheduleRoom,
  /** Webhooks that come in. */
  hooks: hookRoom,
  /** Durable functions of the program. */
  workflows: workflowRoom,
  /** The state of LangGraph graphs. */
  checkpoints: checkpointRoom,
  /** Files of owners. */
  files: fileRoom,
  /** Many runs at once. */
  bulks: bulkRoom,
  /** The last results of `antiphon agent test`. */
  tests: testedRoom,
  /** Erasures of owners, with everything that is stored of them. */
  erasures: erasureRoom,
} as const satisfies { readonly [port: string]: Room }

/** The rooms of work, in the order in which an erasure removes their actors. `create-work.ts` opens their ports. */
export const WORK_ROOMS = {
  agent: agentRoom,
  thread: threadRoom,
  pipeline: pipelineRoom,
  run: runRoom,
  inbox: inboxRoom,
} as const

type Ports = typeof ROOMS

/** A house that has what each of the rooms needs. */
export type WholeHouse = House & NeedsOf<Ports[keyof Ports]>
// the parameter of a union of functions is the intersection of theirs
type NeedsOf<One> = (One extends Room<infer _, infer _, infer Needs> ? (needs: Needs) => void : never) extends (
  needs: infer All,
) => void
  ? All
  : never

/** The ports of rooms in a runtime. */
export type RoomPorts = { readonly [Port in keyof Ports]: ReturnType<Ports[Port]['open']> }
/** The ports of rooms as a caller may use them. */
export type RoomViews = { readonly [Port in keyof Ports]: ReturnType<NonNullable<Ports[Port]['view']>> }
/** The ports of rooms in a client. Its methods are those that a caller may use, except where a room says otherwise. */
export type RoomClients = Omit<RoomViews, keyof OwnClients> & OwnClients
type OwnClients = {
  readonly access: AccessClient
  readonly environments: EnvironmentsClient
  readonly budgets: Budgets
  readonly memory: MemoryClient
  readonly ledger: LedgerClient
  readonly files: FilesClient
  readonly hooks: HooksClient
}

const rooms: readonly (readonly [port: string, room: Room])[] = Object.entries(ROOMS)

export const roomActors = (config: Config, house: () => WholeHouse): readonly Actor[] =>
  rooms.flatMap(([, room]) => room.actors?.(config, house) ?? [])

export const roomTools: readonly Tool[] = rooms.flatMap(([, { tools = [] }]) => tools)

export function openRooms(house: WholeHouse): RoomPorts {
  return Object.fromEntries(rooms.map(([port, room]) => [port, room.open(house)])) as RoomPorts
}

/** The owners of the actors of all rooms, in the order in which an erasure removes them. */
export const roomOwnership: readonly Ownership[] = [
  ...rooms.flatMap(([, { ownsFirst = [] }]) => ownsFirst),
  ...Object.values(WORK_ROOMS).flatMap(({ owns = [] }) => owns),
  { kind: 'supervisor', stays: 'it has names of actors that a program chose' },
  ...rooms.flatMap(([, { owns = [] }]) => owns),
]

/** Removes what rooms hold of owners beside their actors. */
export function forgetByRooms(ports: RoomPorts): Pick<OwnedData, 'forget'> {
  return {
    async forget(owner, options) {
      const counts: Counts[] = []
      for (const [port, room] of rooms)
        if (room.forgetOwner) counts.push(await room.forgetOwner(ports[port as keyof RoomPorts], owner, options))
      return Object.assign({}, ...counts)
    },
  }
}

export async function beginRooms(house: WholeHouse): Promise<BackgroundWork> {
  const begun: BackgroundWork[] = []
  for (const [, room] of rooms) {
    const work = await room.begin?.(house)
    if (work) begun.push(work)
  }
  return {
    status: () => Object.assign({}, ...begun.map((work) => work.status())),
    end: async (grace) => void (await Promise.all(begun.map((work) => work.end(grace)))),
  }
}

/** Frees what the ports of rooms hold: `close` before the engine stops, and `closeLast` after it. */
export async function closeRooms(ports: RoomPorts, when: 'close' | 'closeLast'): Promise<void> {
  await Promise.all(rooms.map(([port, room]) => room[when]?.(ports[port as keyof RoomPorts])))
}

/** The ports of all rooms as a caller may use them. A view with a rule of its own is made when it is first used. */
export function viewRooms(ports: RoomPorts, viewer: Viewer): RoomViews {
  const operations = rooms.flatMap(([, { view, contract }]) => (view ? [] : Object.values(contract)))
  const byHand = rooms.flatMap(([port, { view }]) =>
    view ? [[port, () => view(ports[port as keyof RoomPorts], viewer)] as const] : [],
  )
  return joined(viewPorts(operations, ports, viewer), lazily(Object.fromEntries(byHand))) as RoomViews
}

/** The ports of all rooms as the tools of a run use them. They are read when a tool is called. */
export function roomsForTools(live: { readonly ports: RoomPorts }) {
  const offered = rooms.flatMap(([port, { forTools }]) =>
    forTools ? [[port as keyof RoomPorts, forTools] as const] : [],
  )
  return (owner: string, source: string, run?: CallingRun): RoomsForTools => {
    const given: { [port: string]: object } = {}
    for (const [port, forTools] of offered) given[port] = forTools(live.ports[port], owner, source, run)
    return given
  }
}
