import { join } from 'node:path'
import { is, TerminalError } from '../../errors.ts'
import type { House } from '../../house/house.ts'
import type { BackgroundWork } from '../../house/room.ts'
import { getOrInsert } from '../../lib/collections/get-or-insert.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import type { Encoder } from '../../model/embed/encoder.ts'
import type { EnvironmentVariables } from '../../secret/redaction.ts'
import type { CallingRun } from '../../tool/tool.ts'
import type { Web } from '../../web/request.ts'
import type { Duty } from '../actor/duty.ts'
import { countCalls, countDuty, type MemoryActivity } from '../duties/activity.ts'
import { ownerCalls } from '../duties/calls.ts'
import { erasuresDuty } from '../duties/erasures.ts'
import { expiryDuty } from '../duties/expiry.ts'
import { tiersDuty } from '../duties/tiers.ts'
import { createEmbedding, type Embedding, embeddingDuty } from '../embedding/embedding.ts'
import type { Memory, OwnerMemory } from '../memory.ts'
import { memoryOf } from '../open-memory.ts'
import { createReadCounts, type ReadCounts } from '../reads.ts'
import type { Mirror } from '../redis/mirror.ts'
import type { MemorySettings } from '../settings.ts'
import { type MemoryStore, openMemoryStore } from '../store/open-store.ts'
import { tierRules } from '../tier/rules.ts'
import { checkedStore, ownerForgetter } from './forget-owner.ts'
import { openMirror, readSecret } from './open-mirror.ts'
import { createWaker, type Waker } from './wake.ts'
import type { MemoryWork } from './work.ts'

/** The memories of a data folder, each bound to its owner. */
export interface MemoryPort {
  (owner: string): OwnerMemory
  /** The memory of the operator, who is the user of the data folder. Agents search the spaces that it shares. */
  operator(): Memory
  /** Whether there may be records. Until then, no thread is started. */
  mayHold(): boolean
  /** Erases everything of an owner, or counts its records (`dryRun`). May be repeated. */
  readonly forgetOwner: ReturnType<typeof ownerForgetter>
  /** The rights of a run in the memory of its owner. Tools use it. */
  workOf(run: CallingRun): Promise<MemoryWork>
  /** The owners with proposed facts. The inbox uses it. */
  proposers(): Promise<readonly string[]>
  /** Ends the threads that read and write the file. */
  close(): Promise<void>
}

/** The needs of memories: what they use of the house beside what every room gets. */
export type MemoryNeeds = {
  readonly config: {
    readonly data: string
    readonly restate?: object
    readonly memory?: MemorySettings
    readonly environment: EnvironmentVariables
  }
  /** turns texts into vectors; absent: none is installed or configured */
  readonly encoder?: Encoder
  /** the rights of a run in the memory of its owner */
  workOf(run: CallingRun): Promise<MemoryWork>
  /** a value as it leaves: without secrets */
  shown<Value>(value: Value): Value
  /** the network, as `web:` in antiphon.yaml opens it */
  web(): Promise<Web>
  /**
   * The real path of a file or a folder, and which paths below it may be read. A caller who is not trusted reads what
   * untrusted runs may read; error `outside_root` for everything else.
   */
  openPath(path: string, trusted: boolean): Promise<{ readonly real: string; mayRead(real: string): boolean }>
}

type MemoryHouse = Pick<House, 'clock' | 'trustedNow' | 'engine' | 'checkOwner' | 'secret'> & MemoryNeeds

/** Opens the memories of a house when one is used. Error `memory_not_shared` on a cluster without a server for them. */
export function openMemories(house: MemoryHouse): MemoryPort {
  const { config, clock, openPath, web } = house
  const { store, waker, reads, embedding, mirror } = partsOf(house)
  const services = {
    wake: waker.wake,
    noteReads: reads.note,
    openPath,
    web,
    trustedNow: house.trustedNow,
    isShared: config.memory?.url !== undefined,
    ...(embedding && { embedding }),
    ...(mirror && { mirror }),
  }
  const open = checkedStore(store, house)
  const of = (owner: string): OwnerMemory => {
    if (!isUsable(house)) throw notShared()
    // a command may be the only process that uses the folder; the next use tries again
    resumeMemories(house).catch(() => {})
    return memoryOf(open, owner, () => clock.now(), services)
  }
  return Object.assign(of, {
    operator: () => of(LOCAL_OWNER),
    forgetOwner: ownerForgetter(
      ownerCalls(store, () => clock.now()),
      waker,
    ),
    workOf: house.workOf,
    async proposers() {
      const names = isUsable(house) ? await store.read({ name: 'proposers', now: clock.now() }).catch(unlessAway) : []
      return (names ?? []) as readonly string[]
    },
    mayHold: store.exists,
    async close() {
      waker.close()
      await mirror?.close()
      await reads.flush()
      await store.close()
    },
  })
}

/** The duties of the memories of a house, in the order in which they run. */
export const dutiesOf = (house: MemoryHouse): readonly Duty[] => partsOf(house).duties

/** Starts background work: resumes the work of an earlier process, and embeds records for a new model. */
export async function beginMemories(house: MemoryHouse): Promise<BackgroundWork> {
  const { embedding, activity, mirror } = partsOf(house)
  embedding?.begin()
  const begun = resumeMemories(house).then(() => wakeUnread(house))
  // a process starts although the server is away; the next use tries again
  if (isShared(house)) begun.catch(() => {})
  else await begun
  const isUsed = () => Object.keys(activity.calls).length + Object.keys(activity.work).length > 0
  const counted = () => ({ ...structuredClone(activity), ...(mirror && { redis: mirror.known() }) })
  return { status: () => (isUsed() ? { memory: counted() } : {}), end: async () => {} }
}

async function wakeUnread(house: MemoryHouse): Promise<void> {
  const { embedding, store, waker } = partsOf(house)
  if (!embedding || !isUsable(house)) return
  const now = house.clock.now()
  const owners = await store.read({ name: 'unreadOwners', input: embedding.model, now })
  for (const owner of (owners ?? []) as readonly string[]) waker.wake(owner, now)
}

/** Resumes what an earlier process left, if there are memories. */
async function resumeMemories(house: MemoryHouse): Promise<void> {
  if (!isUsable(house) || !partsOf(house).store.exists()) return
  const { waker, resumeMirror } = partsOf(house)
  await resumeMirror()
  await waker.resume()
}

/** While the server of memories is away, the inbox lists what else waits. */
function unlessAway(error: unknown): undefined {
  if (!is(error) || error.code !== 'memory_unreachable') throw error
}

const isShared = ({ config }: MemoryHouse) => config.memory?.url !== undefined
const isUsable = (house: MemoryHouse) => isShared(house) || !house.config.restate

type MemoryParts = {
  readonly store: MemoryStore
  readonly waker: Waker
  readonly reads: ReadCounts
  readonly duties: readonly Duty[]
  readonly activity: MemoryActivity
  readonly embedding?: Embedding
  readonly mirror?: Mirror
  /** brings the copies on Redis up to date, or notes that there are none, once */
  resumeMirror(): Promise<void>
}

const parts = new WeakMap<MemoryHouse, MemoryParts>()

/** The parts that the port and the actors of a house share. */
const partsOf = (house: MemoryHouse): MemoryParts => getOrInsert(parts, house, createParts)

function createParts(house: MemoryHouse): MemoryParts {
  const { engine, clock, config, encoder } = house
  const { keepDays, keepRows, tiers } = config.memory ?? {}
  const retention = { ...(keepDays !== undefined && { keepDays }), ...(keepRows !== undefined && { keepRows }) }
  const activity: MemoryActivity = { calls: {}, work: {}, failed: {} }
  const plain = openMemoryStore(serverOf(house) ?? pathOf(house))
  const { mirror, resume: resumeMirror } = openMirror(house, plain, activity)
  const store = countCalls(mirror?.follow(plain) ?? plain, activity)
  const calls = ownerCalls(store, () => clock.now())
  const embedding = encoder && createEmbedding(calls, encoder)
  const duties = [
    expiryDuty({ ...ownerCalls(store, house.trustedNow), now: calls.now }, retention),
    erasuresDuty(calls),
    tiersDuty(calls, tierRules(tiers)),
    ...(embedding ? [embeddingDuty(embedding)] : []),
  ]
  return {
    store,
    activity,
    waker: createWaker(engine, clock, store),
    reads: createReadCounts((owner, noted) => calls.write(owner, 'noteReads', noted), clock),
    duties: duties.map((duty) => countDuty(duty, activity)),
    ...(embedding && { embedding }),
    ...(mirror && { mirror }),
    resumeMirror,
  }
}

const pathOf = ({ config }: MemoryHouse) => join(config.data, 'memory.db')

/** The server of the memories, whose token is read when it is needed. */
function serverOf({ config, secret }: MemoryHouse) {
  const { url, token } = config.memory ?? {}
  if (url === undefined) return undefined
  return { url, token: async () => (token === undefined ? undefined : readSecret(secret, 'token', token)) }
}

const notShared = () =>
  new TerminalError('Memory lies in one data folder, and the nodes of a cluster have one each.', {
    code: 'memory_not_shared',
    hint: 'Give the cluster a libSQL server in antiphon.yaml: memory: { url: libsql://HOST, token: secret://NAME }',
  })
