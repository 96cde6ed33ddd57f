import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../config/config.ts'
import type { McpServing } from '../../config/mcp-serving.ts'
import { TerminalError } from '../../errors.ts'
import type { InternalParts, RuntimeParts } from '../../runtime/open/parts.ts'
import type { ServedRuntime } from '../../runtime/ports.ts'
import { claimFolder, type FolderOwner } from '../../store/data-folder/owner.ts'
import { isThisProcess, type OwnerRecord, ownerInWords, readOwner } from '../../store/data-folder/owner-record.ts'
import { type Client, createClient } from '../client/client.ts'
import { type Listening, urlOf } from './address.ts'
import { createApp } from './app.ts'
import { type Identify, identifyByKey, identifyNobody } from './authenticate.ts'
import type { HttpApp } from './lifecycle.ts'
import { createMountedApps, type MountedApps, withForwarded } from './mounted.ts'
import type { Closed } from './peer/process-lineage.ts'
import type { Served, ServedApp, ServedOpenly } from './serve.ts'
import { closeDoors, serve as serveOpenly, serveSocket } from './serve.ts'
import { type VisitorPlace, visitOwner } from './visit-owner.ts'

/** Access to the runtime of a data folder: this process owns the folder, or another process does. */
export type FolderConnection = OwnerPlace | VisitorPlace
/** This process owns the folder. */
export type OwnerPlace = {
  readonly role: 'owner'
  readonly client: Client
  readonly app: HttpApp
  /** the API for other servers, of this process and of standbys */
  readonly mounted: MountedApps
  readonly runtime: ServedRuntime
  /** absent: it answers no other process */
  readonly served?: Served
  /**
   * Also answers on the network until it leaves; `auth`: only callers with an API key. `wrap` makes the app, and may
   * let in more callers and answer more paths.
   */
  listen(listening: Listening, auth: boolean, wrap?: WrapApp): Promise<ServedOpenly>
  /** Stops the runtime and releases the folder; may be called twice. Running work gets `grace` ms; absent: no limit. */
  leave(grace?: number): Promise<void>
}

/** Makes an app that lets callers in by a rule. */
type WrapApp = (makeApp: (identify: Identify) => HttpApp, identify: Identify) => HttpApp

/** A data folder and how its runtime is opened, by the owner of the folder or by claiming it. */
export type FolderSetup = Pick<Config, 'data' | 'restate' | 'serve'> & {
  readonly mcp: McpServing
  open(owner?: FolderOwner, parts?: OpenOverrides): Promise<ServedRuntime>
}

/** Settings that a command adds to the configuration. */
type OpenOverrides = RuntimeParts & Pick<InternalParts, 'writer' | 'background'>

const BASE = 'http://antiphon'

/** How a process joins a data folder. */
type JoinOptions = {
  /** headers of all requests of its client */
  readonly headers?: { readonly [name: string]: string }
  /** the name of this process in the owner's record */
  readonly command: string
  /** either: the owner if there is none · visitor: never the owner */
  readonly role?: 'either' | 'visitor'
  /** whether other processes may use it; false: they wait until this process is done */
  readonly serve?: boolean
  /** the processes that the socket refuses if this process is the owner; absent: all that it started */
  readonly closed?: Closed
  /** options of the runtime if this process is the owner */
  readonly parts?: OpenOverrides
  /** whether a command that owns the folder stays as long as this process visits it; absent: true */
  readonly holds?: boolean
  /** how long it waits for an owner that starts, ends or does not answer, in ms; absent: 15 s */
  readonly patience?: number
  /** called once if it takes long */
  onWait?(owner: OwnerRecord | undefined): void
  /** called before each further attempt; an error that it throws ends the waiting */
  checkWait?(): void
}

const JOIN_TIMEOUT_MS = 15_000
const WAIT_NOTICE_MS = 1_000
const FIRST_PAUSE_MS = 30
const LONGEST_PAUSE_MS = 500

/** Becomes the owner of the setup's data folder, or a visitor of its owner. Error `owned` after `patience`. */
export async function joinFolder(setup: FolderSetup, options: JoinOptions): Promise<FolderConnection> {
  const { patience = JOIN_TIMEOUT_MS } = options
  const begun = performance.now()
  let isNoticed = false
  for (;;) {
    const { place, owner } = await tryToJoin(setup, options)
    if (place) return place
    options.checkWait?.()
    const waited = performance.now() - begun
    if (waited > patience) throw owned(setup.data, owner)
    if (!isNoticed && waited > WAIT_NOTICE_MS) {
      isNoticed = true
      options.onWait?.(owner)
    }
    await sleep(waited > JOIN_TIMEOUT_MS ? LONGEST_PAUSE_MS : FIRST_PAUSE_MS)
  }
}

type Attempt = { readonly place?: FolderConnection; readonly owner?: OwnerRecord | undefined }

async function tryToJoin(setup: FolderSetup, options: JoinOptions): Promise<Attempt> {
  const { command, role = 'either', holds = true, headers } = options
  if (role === 'visitor') return visitOwner(setup, readOwner(setup.data), holds, headers)
  const claim = await claimFolder(setup.data, { command })
  if (!claim.taken) return { place: await openOwn(setup, claim, options) }
  return visitOwner(setup, claim.record, holds, headers)
}

async function openOwn(setup: FolderSetup, owner: FolderOwner, options: JoinOptions): Promise<OwnerPlace> {
  let runtime: ServedRuntime | undefined
  try {
    const { serve = true, parts } = options
    // a command that only reads takes no work up
    runtime = await setup.open(owner, serve ? parts : { ...parts, background: false })
    return await openDoors(setup, runtime, owner, options)
  } catch (error) {
    await runtime?.stop()
    owner.release()
    throw error
  }
}

async function openDoors(
  setup: FolderSetup,
  runtime: ServedRuntime,
  owner: FolderOwner,
  { serve: isOpen = true, closed = 'to all below', headers }: JoinOptions,
): Promise<OwnerPlace> {
  const guarded = { mcp: setup.mcp, ...(setup.serve && { serve: setup.serve }) }
  const app = createApp(runtime, guarded)
  const mounted = createMountedApps(runtime, guarded)
  const served = isOpen ? await serveSocket(withForwarded(app, mounted), owner.folder, { closed }) : undefined
  if (served) owner.announce(served.socket)
  const doors: ServedApp[] = served ? [served] : []
  let left: Promise<void> | undefined
  return {
    role: 'owner',
    client: createClient((request) => app.fetch(request), { base: BASE, ...(headers && { headers }) }),
    app,
    mounted,
    runtime,
    ...(served && { served }),
    async listen(listening, auth, wrap = (makeApp, by) => makeApp(by)) {
      const identify = auth ? identifyByKey(runtime.access) : identifyNobody(setup.serve?.origins)
      const door = await serveOpenly(
        wrap((by) => createApp(runtime, { ...guarded, identify: by }), identify),
        listening,
      )
      doors.push(door)
      if (served) owner.announce(served.socket, urlOf(door))
      return door
    },
    leave: (grace) => (left ??= closeDoors(runtime, owner, doors, grace === undefined ? {} : { grace })),
  }
}

function owned(data: string, owner: OwnerRecord | undefined): TerminalError {
  const isOwn = owner !== undefined && isThisProcess(owner)
  const advice = isOwn
    ? ' Stop what this process has opened there first.'
    : owner
      ? ` Wait until it is done, or end it with: kill ${owner.pid}`
      : ' Wait until it is done.'
  const message = `The data folder ${data} belongs to ${ownerInWords(owner)}, which does not answer.${advice}`
  return new TerminalError(message, { code: 'owned' })
}
