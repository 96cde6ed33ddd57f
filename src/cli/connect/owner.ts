import { setTimeout as sleep } from 'node:timers/promises'
import { is, TerminalError } from '../../errors.ts'
import { type Client, createClient } from '../../http/client/client.ts'
import { socketFetch } from '../../http/client/transport/unix-socket.ts'
import { type Listening, urlOf } from '../../http/server/address.ts'
import { createApp } from '../../http/server/app.ts'
import { identifyByKey, identifyNobody } from '../../http/server/authenticate.ts'
import {
  closeDoors,
  type Served,
  type ServedApp,
  type ServedOpenly,
  serve as serveOpenly,
  serveSocket,
} from '../../http/server/serve.ts'
import type { ServedRuntime } from '../../runtime/ports.ts'
import { claimFolder, type FolderOwner } from '../../store/data-folder/owner.ts'
import { type OwnerRecord, readOwner } from '../../store/data-folder/owner-record.ts'
import type { OpenOverrides, Setup } from '../cli.ts'
import { localTime } from '../terminal/format.ts'

/** Access to the runtime of a data folder: this process owns the folder, or another process does. */
export type FolderConnection = OwnerPlace | VisitorPlace
/** This process owns the folder. */
export type OwnerPlace = {
  readonly role: 'owner'
  readonly client: Client
  readonly runtime: ServedRuntime
  /** absent: it answers no other process */
  readonly served?: Served
  /** Also answers on the network until it leaves; `auth`: only callers with an API key. */
  listen(listening: Listening, auth: boolean): Promise<ServedOpenly>
  /** Stops the runtime (running work gets `grace` ms) and releases the folder; may be called twice. */
  leave(grace: number): Promise<void>
}

/** How a process joins a data folder. */
type JoinOptions = {
  /** the name of this process in the owner's record */
  readonly command: string
  /** either: the owner if there is none · visitor: never the owner */
  readonly role?: 'either' | 'visitor'
  /** whether other processes may use it; false: they wait until this process is done */
  readonly serve?: boolean
  /** options of the runtime if this process is the owner */
  readonly parts?: OpenOverrides
  /** called once if it takes long */
  onWait?(owner: OwnerRecord | undefined): void
  /** called before each further attempt; an error that it throws ends the waiting */
  checkWait?(): void
}

const JOIN_TIMEOUT_MS = 15_000
const WAIT_NOTICE_MS = 1_000

/**
 * Becomes the owner of the setup's data folder, or a visitor of its
 * owner; waits up to 15 s for an owner that starts or ends.
 */
export async function joinFolder(setup: Setup, options: JoinOptions): Promise<FolderConnection> {
  const begun = performance.now()
  let isNoticed = false
  for (;;) {
    const { place, owner } = await tryToJoin(setup, options)
    if (place) return place
    options.checkWait?.()
    const waited = performance.now() - begun
    if (waited > JOIN_TIMEOUT_MS) throw owned(setup.data, owner)
    if (!isNoticed && waited > WAIT_NOTICE_MS) {
      isNoticed = true
      options.onWait?.(owner)
    }
    await sleep(30)
  }
}

type Attempt = { readonly place?: FolderConnection; readonly owner?: OwnerRecord | undefined }

async function tryToJoin(
  setup: Setup,
  { command, role = 'either', serve = true, parts }: JoinOptions,
): Promise<Attempt> {
  if (role === 'visitor') return visitOwner(setup, readOwner(setup.data))
  const claim = await claimFolder(setup.data, { command })
  if (!claim.taken) return { place: await openOwn(setup, claim, serve, parts) }
  return visitOwner(setup, claim.record)
}

async function openOwn(setup: Setup, owner: FolderOwner, serve: boolean, parts?: OpenOverrides): Promise<OwnerPlace> {
  let runtime: ServedRuntime | undefined
  try {
    // a command that only reads takes no work up
    runtime = await setup.open(owner, serve ? parts : { ...parts, background: false })
    return await openDoors(setup, runtime, owner, serve)
  } catch (error) {
    await runtime?.stop()
    owner.release()
    throw error
  }
}

async function openDoors(
  setup: Setup,
  runtime: ServedRuntime,
  owner: FolderOwner,
  isOpen: boolean,
): Promise<OwnerPlace> {
  const guarded = { mcp: setup.mcp, ...(setup.serve && { serve: setup.serve }) }
  const app = createApp(runtime, guarded)
  const served = isOpen ? await serveSocket(app, owner.folder, { closed: 'to all below' }) : undefined
  if (served) owner.announce(served.socket)
  const doors: ServedApp[] = served ? [served] : []
  let left: Promise<void> | undefined
  return {
    role: 'owner',
    client: createClient((request) => app.fetch(request)),
    runtime,
    ...(served && { served }),
    async listen(listening, auth) {
      const identify = auth ? identifyByKey(runtime.access) : identifyNobody(setup.serve?.origins)
      const door = await serveOpenly(createApp(runtime, { ...guarded, identify }), listening)
      doors.push(door)
      if (served) owner.announce(served.socket, urlOf(door))
      return door
    },
    leave: (grace) => (left ??= closeDoors(runtime, owner, doors, { grace })),
  }
}

function owned(data: string, owner: OwnerRecord | undefined): TerminalError {
  const who = owner ? `process ${owner.pid} (${owner.command}, since ${localTime(owner.startedAt)})` : 'another process'
  const advice = owner ? ` Wait until it is done, or end it with: kill ${owner.pid}` : ' Wait until it is done.'
  return new TerminalError(`The data folder ${data} belongs to ${who}, which does not answer.${advice}`, {
    code: 'owned',
  })
}

/** Another process owns the folder; it stays at least until this one has left. */
type VisitorPlace = {
  readonly role: 'visitor'
  readonly client: Client
  readonly owner: OwnerRecord
  leave(grace?: number): Promise<void>
}

type Visit = { readonly place?: VisitorPlace; readonly owner?: OwnerRecord | undefined }

const ANSWER_TIMEOUT_MS = 5_000

/** Becomes a visitor of that owner; without a place when it does not answer, or is about to leave. */
async function visitOwner(setup: Setup, owner: OwnerRecord | undefined): Promise<Visit> {
  if (!owner?.socket) return { owner }
  const client = createClient(socketFetch(owner.socket))
  const leaving = new AbortController()
  const late = setTimeout(() => leaving.abort(), ANSWER_TIMEOUT_MS)
  try {
    await client.attend(leaving.signal)
    await checkEngine(setup, client, owner)
    return { place: { role: 'visitor', client, owner, leave: async () => leaving.abort() } }
  } catch (error) {
    if (leaving.signal.aborted || isLeaving(error)) return { owner }
    throw error
  } finally {
    clearTimeout(late)
  }
}

/** A caller that names a server expects that server. */
async function checkEngine({ data, restate: wanted }: Setup, client: Client, { pid, command }: OwnerRecord) {
  if (!wanted) return
  const { restate } = await client.status()
  if (restate?.admin.some((url) => wanted.admin.includes(url))) return
  const engine = restate ? `the Restate server at ${restate.admin.join(', ')}` : 'libsql'
  const message = `Process ${pid} (${command}) works in the data folder ${data} on ${engine}, not on ${wanted.admin.join(', ')}.`
  throw new TerminalError(message, { code: 'other_engine' })
}

const isLeaving = (error: unknown) => is(error) && (error.code === 'owner_gone' || error.code === 'busy')
