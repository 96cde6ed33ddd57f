import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AntiphonError, is, NotFoundError } from '../../errors.ts'
import type { Client } from '../../http/client/client.ts'
import type { FolderConnection as LocalPlace, OwnerPlace } from '../../http/server/join-folder.ts'
import { byHeader } from '../../http/wire/by-header.ts'
import { attempt } from '../../lib/flow/attempt.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import type { OwnerRecord } from '../../store/data-folder/owner-record.ts'
import { engineArguments } from '../arguments/options.ts'
import { type Cli, type ConnectionTarget, loadSetup } from '../cli.ts'
import { commandLine } from '../terminal/format.ts'
import { listenForSignals } from '../terminal/signals.ts'
import { whenIdle } from './idle.ts'
import { onlyProviderWaits } from './provider-waits.ts'
import type { ServerPlace } from './remote.ts'

/** A command's access to a runtime: its own, another process's or a server's. */
export interface Session {
  readonly client: Client
  /** the place of the work: `in process 12`, `at https://…` */
  readonly where: string
  /** whether that is another machine, as far as this command knows: files are sent there */
  readonly isAway: boolean
  /** aborted when a person wants this command to stop */
  readonly signal: AbortSignal
  /** The arguments as a person would type them, with this command's data folder or server. */
  command(...args: readonly string[]): string
  /** Sets the command that is printed if this one is interrupted. */
  goOnWith(command: string): void
  /** Sets an action for an interruption, before the work stops; its failure is ignored. */
  atInterrupt(act: () => Promise<void>): void
  /** Sets what takes a Ctrl-C: with true, the command goes on. */
  onInterrupt(claim: () => boolean): void
}

/** How a command uses a data folder or a server. */
export type SessionOptions = ConnectionTarget & {
  /** the name of this work in messages of other processes */
  readonly command: string
  /** the person who answers, as that was typed */
  readonly as?: string | undefined
  /** the door through which people answer; absent: the command line */
  readonly door?: 'chat'
  readonly role?: 'either' | 'visitor'
  readonly serve?: boolean
  /** whether it creates a missing data folder; absent: a missing one is a NotFoundError */
  readonly creates?: boolean
  /** see joinFolder */
  checkWait?(): void
  /** the message if it takes long; absent: that another process has the folder */
  waitWords?(owner: OwnerRecord | undefined): string | undefined
}

const INTERRUPT_GRACE_MS = 5_000
const INTERRUPTED_EXIT_CODE = 130

/**
 * Does the work with the runtime of the data folder and returns its exit code. Without an owner this process becomes
 * it, and stays until work of other commands is done. Interrupted: running work gets 5 s, the command to continue is
 * printed, and the code is 130.
 */
export async function withRuntime(
  cli: Cli,
  options: SessionOptions,
  work: (session: Session) => Promise<number>,
): Promise<number> {
  const claims: InterruptClaims = { claim: () => false }
  const end = () => process.exit(INTERRUPTED_EXIT_CODE)
  const interruption = listenForSignals(end, process, undefined, () => claims.claim())
  try {
    const place = await joinUnless(interruption.asked, join(cli, options))
    // nothing is under way yet
    return place ? await spend(cli, options, place, { ...interruption, claims }, work) : INTERRUPTED_EXIT_CODE
  } finally {
    interruption.off()
  }
}

/** How a command reads a data folder, or asks a server. A missing folder is a NotFoundError if neither is given. */
type ReaderOptions = ConnectionTarget & {
  readonly command: string
  /** Lists nothing for a missing folder, which is then named: it may be the wrong one. */
  empty?(): Promise<number> | number
  /** Does the work in another way for a missing folder. */
  without?(): number
}

/** Reads a data folder, through its owner or directly; resumes no work, and creates nothing. */
export async function withReader(
  cli: Cli,
  { empty, without, ...options }: ReaderOptions,
  work: (session: Session) => Promise<number>,
): Promise<number> {
  if (options.server !== undefined) return withRuntime(cli, options, work)
  const setup = await loadSetup(cli, options.data)
  // memories on a server are there without a folder
  const isElsewhere = options.command.startsWith('antiphon memory') && setup.memory?.url !== undefined
  if (existsSync(setup.data) || isElsewhere)
    return withRuntime(cli, { ...options, serve: false, ...(isElsewhere && { creates: true }) }, work)
  if (without) return without()
  const missing = noDataFolder(setup.data)
  if (!empty) throw missing
  const code = await empty()
  cli.terminal.say(missing.message)
  return code
}

type WorkPlace = LocalPlace | ServerPlace

/** Handlers that can claim a Ctrl-C before it interrupts the command. */
type InterruptClaims = { claim(): boolean }

/** The owner of the folder may take long to answer: undefined if this command is interrupted first. */
async function joinUnless(asked: Promise<unknown>, joining: Promise<WorkPlace>): Promise<WorkPlace | undefined> {
  const place = await Promise.race([joining, asked.then(() => undefined)])
  if (!place) joining.then(({ leave }) => leave(0)).catch(() => {})
  return place
}

// loaded here, so that --help and usage errors do not wait for the server and the client
async function join(cli: Cli, options: SessionOptions): Promise<WorkPlace> {
  const { data, server, key, as, door: through = 'cli' } = options
  const headers = byHeader({ through, user: systemUser(cli), ...(as !== undefined && { as }) })
  if (server !== undefined) return (await import('./remote.ts')).joinServer(cli, server, key, headers)
  const setup = await loadSetup(cli, data)
  // a node of a server may begin with an empty folder
  if (!options.creates && !setup.restate && !existsSync(setup.data)) throw noDataFolder(setup.data)
  const { joinFolder } = await import('../../http/server/join-folder.ts')
  const onWait = (owner: OwnerRecord | undefined) =>
    cli.terminal.say(options.waitWords?.(owner) ?? `Another process owns ${setup.data}; waiting for it.`)
  return joinFolder(setup, { ...options, headers, onWait })
}

/** The user of the machine, as the system knows it. A container may have none. */
export const systemUser = ({ terminal }: Cli): string =>
  attempt(() => userInfo().username, terminal.environment.USER ?? LOCAL_OWNER)

function noDataFolder(data: string): NotFoundError {
  return new NotFoundError(`Nothing was started here yet: there is no data folder ${data}.`)
}

async function spend(
  cli: Cli,
  options: SessionOptions,
  place: WorkPlace,
  { asked, claims }: { readonly asked: Promise<unknown>; readonly claims: InterruptClaims },
  work: (session: Session) => Promise<number>,
): Promise<number> {
  const own = openSession(cli, options, place, claims)
  try {
    const done = workAndStay(cli, place, own.session, work)
    done.catch(() => {})
    const broken = place.role === 'owner' ? [place.runtime.broken()] : []
    const code = await Promise.race([asked.then(() => undefined), done, ...broken])
    if (code !== undefined) return code
    return await interrupt(cli, place, own)
  } catch (error) {
    if (!isGone(error) || own.onward() === undefined) throw error
    cli.terminal.say(`${error.message.replace(/\.?$/, '.')} To continue:\n  ${own.onward()}`)
    return INTERRUPTED_EXIT_CODE
  } finally {
    await place.leave(INTERRUPT_GRACE_MS)
  }
}

const GONE: ReadonlySet<string> = new Set(['owner_gone', 'unreachable', 'degraded', 'fenced', 'moving', 'stopped'])

/** Whether the process that does the work has ended, or cannot store its results. */
export const isGone = (error: unknown): error is AntiphonError => is(error) && GONE.has(error.code)

type OpenSession = {
  readonly session: Session
  readonly end: AbortController
  onward(): string | undefined
  lastAct(): Promise<void>
}

function openSession(cli: Cli, options: SessionOptions, place: WorkPlace, claims: InterruptClaims): OpenSession {
  const end = new AbortController()
  let onward: string | undefined
  let lastAct = async () => {}
  const session: Session = {
    client: place.client,
    where: whereIs(place),
    isAway: place.role === 'guest',
    signal: end.signal,
    command: (...args) => commandLine([...args, ...wordsOf(cli, options)], cli.terminal.environment),
    goOnWith: (command) => (onward = command),
    atInterrupt: (act) => (lastAct = act),
    onInterrupt: (claim) => (claims.claim = claim),
  }
  return { session, end, onward: () => onward, lastAct: () => lastAct() }
}

function whereIs(place: WorkPlace): string {
  if (place.role === 'guest') return `at ${place.url}`
  return `in process ${place.role === 'owner' ? process.pid : place.owner.pid}`
}

/** The options that name the same place again; a key is not repeated. */
function wordsOf(cli: Cli, { data, server }: SessionOptions): readonly string[] {
  const place = Object.entries({ '--data': data, '--server': server })
  return [
    ...place.flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
    ...engineArguments(cli.engine()),
  ]
}

async function workAndStay(
  cli: Cli,
  place: WorkPlace,
  session: Session,
  work: (session: Session) => Promise<number>,
): Promise<number> {
  try {
    return await work(session)
  } finally {
    if (place.role === 'owner' && !session.signal.aborted) await stay(cli, place, session)
  }
}

const STAY_NOTICE_MS = 300
/** Upkeep, such as that of memory, is soon over. */
const UPKEEP_NOTICE_MS = 3000

/** Stays until the work in this process is done. A person or a script continues work that waits for a provider. */
async function stay({ terminal }: Cli, place: OwnerPlace, { signal, command }: Session): Promise<void> {
  const words = 'This process has other work to finish, and stays until it is done. Ctrl-C stops it; nothing is lost.'
  const isUpkeep = place.runtime.status().active.length === 0
  const noticed = setTimeout(() => terminal.say(words), isUpkeep ? UPKEEP_NOTICE_MS : STAY_NOTICE_MS)
  signal.addEventListener('abort', () => clearTimeout(noticed), { once: true })
  const over = new AbortController()
  const waits = await Promise.race([
    whenIdle(place, 0).then(() => undefined),
    untilProviderWaits(place, AbortSignal.any([signal, over.signal])),
  ])
  over.abort()
  clearTimeout(noticed)
  if (!waits) return
  const commands = waits.map((words) => command(...words))
  terminal.say(`The other work waits for its provider. To continue it:\n  ${commands.join('\n  ')}`)
}

/** Resolves when all work in this process waits for providers, and nobody else uses the process. */
async function untilProviderWaits(
  { runtime, served }: OwnerPlace,
  signal: AbortSignal,
): Promise<readonly (readonly string[])[] | undefined> {
  while (!signal.aborted) {
    await sleep(PROVIDER_LOOK_MS, undefined, { ref: false })
    if (served && served.visitors.open() > 0) continue
    const waits = await onlyProviderWaits(runtime)
    if (waits && !signal.aborted) return waits
  }
  return new Promise(() => {})
}

const PROVIDER_LOOK_MS = 1000

async function interrupt(cli: Cli, place: WorkPlace, own: OpenSession): Promise<number> {
  const { session, end, onward } = own
  end.abort()
  await own.lastAct().catch(() => {})
  if (place.role === 'owner') await interruptOwn(cli, place, session, onward())
  else await interruptOther(cli, place, onward())
  return INTERRUPTED_EXIT_CODE
}

async function interruptOwn({ terminal }: Cli, place: OwnerPlace, session: Session, onward?: string): Promise<void> {
  const { active } = place.runtime.status()
  const isBelow = (run: string) => active.some(({ id }) => run.startsWith(`${id}.`))
  const runs = active.filter(({ kind, id }) => kind === 'run' && !isBelow(id))
  const commands = new Set([...(onward ? [onward] : []), ...runs.map(({ id }) => session.command('resume', id))])
  terminal.say('Stopping: running work gets 5 seconds to finish. Press Ctrl-C again to stop at once.')
  await place.leave(INTERRUPT_GRACE_MS)
  terminal.say(commands.size === 0 ? 'Stopped.' : `Stopped. To continue:\n  ${[...commands].join('\n  ')}`)
}

async function interruptOther(
  { terminal }: Cli,
  place: Exclude<WorkPlace, OwnerPlace>,
  onward?: string,
): Promise<void> {
  await place.leave()
  if (onward) terminal.say(`The work continues ${whereIs(place)}. To see it:\n  ${onward}`)
}
