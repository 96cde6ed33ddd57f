import { CancelledError, problemOf } from '../../errors.ts'
import { version } from '../../lib/package/manifest.ts'
import type { ServedRuntime } from '../../runtime/ports.ts'
import { type FolderConnection, type FolderSetup, joinFolder, type OwnerPlace } from '../server/join-folder.ts'
import type { MountedApps } from '../server/mounted.ts'
import type { VisitorPlace } from '../server/visit-owner.ts'
import { askOwner } from './ask-owner.ts'
import { type CheckCode, type CodeNeeds, otherVersion } from './check-code.ts'

/** The way of a program to the process that owns its data folder: itself, or another one. */
export interface OwnerConnection {
  /**
   * Answers a request in the process that owns the folder. If that process ends, this one takes its place, or another
   * one has it, and the request goes on there. Errors: `other_code` if the owner lacks what the request needs,
   * `stopped` after `stop`.
   */
  fetch(request: Request, needs?: CodeNeeds): Promise<Response>
  /** The same for a request of another caller. Undefined: this process owns the folder, and answers it by its apps. */
  forward(requestOf: () => Request): Promise<Response | undefined>
  /** the apps for other servers; undefined while another process owns the folder */
  readonly mounted: MountedApps | undefined
  /** the runtime of this process; undefined while another process owns the folder */
  readonly runtime: ServedRuntime | undefined
  /** Ends the work of this process on the folder, or its visit. Idempotent. */
  stop(options?: { readonly grace?: number }): Promise<void>
}

type ConnectionParts = {
  /** the name of this process in messages of others */
  readonly command: string
  readonly checkCode: CheckCode
  /** Receives why this process could not take the place of an owner that has ended. */
  notice(line: string): void
  /** Called when this process has left the folder. */
  onStop?(): void
}

/** Joins the data folder: as its owner, which resumes what is left there, or as a visitor of its owner. */
export async function connect(setup: FolderSetup, parts: ConnectionParts): Promise<OwnerConnection> {
  const { command, checkCode, notice, onStop } = parts
  const stopping = new AbortController()
  const endings = new Set<(error: Error) => void>()
  let joining: Promise<FolderConnection> | undefined
  let joined: FolderConnection | undefined
  let stopped: Promise<void> | undefined

  const checkOpen = () => {
    if (stopping.signal.aborted) throw programStopped()
  }

  /** The same promise, which `stop` rejects; nothing stays behind when it settles. */
  function untilStop<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      endings.add(reject)
      work.then(resolve, reject).finally(() => endings.delete(reject))
    })
  }

  /** Joins once at a time. A failed attempt is forgotten, so that the next request tries again. */
  function join(patience?: number): Promise<FolderConnection> {
    if (joining) return joining
    const attempt = joinAndBegin(patience)
    joining = attempt
    attempt.catch(() => {
      if (joining === attempt) joining = undefined
    })
    return attempt
  }

  async function joinAndBegin(patience: number | undefined): Promise<FolderConnection> {
    const place = await joinFolder(setup, {
      command,
      closed: 'to tools',
      holds: false,
      checkWait: checkOpen,
      ...(patience !== undefined && { patience }),
    })
    try {
      checkOpen()
      if (place.role === 'owner') await place.runtime.engine.start()
      else begin(place)
      joined = place
      return place
    } catch (error) {
      await place.leave(0)
      throw error
    }
  }

  function begin(place: VisitorPlace): void {
    if (place.status.version !== version()) throw otherVersion(place)
    place.gone.then(() => {
      joining = undefined
      joined = undefined
      if (!stopping.signal.aborted) join(Number.POSITIVE_INFINITY).catch(report)
    })
  }

  function report(error: unknown): void {
    if (stopping.signal.aborted) return
    notice(`The owner of ${setup.data} has ended, and this process cannot take its place: ${problemOf(error).message}`)
  }

  /** The answer of the process that owns the folder, or the place of this process as its owner. */
  async function ask(requestOf: () => Request, needs: CodeNeeds): Promise<Response | OwnerPlace> {
    for (;;) {
      checkOpen()
      const place = await untilStop(join(Number.POSITIVE_INFINITY))
      if (place.role === 'owner') return place
      checkCode(place, needs)
      const response = await untilStop(askOwner(place, requestOf(), stopping.signal))
      if (response) return response
      await untilStop(place.gone)
    }
  }

  async function fetch(request: Request, needs: CodeNeeds = {}): Promise<Response> {
    const answer = await ask(() => request, needs)
    if (answer instanceof Response) return answer
    return untilStopped(await untilStop(Promise.resolve(answer.app.fetch(request))), stopping.signal)
  }

  async function forward(requestOf: () => Request): Promise<Response | undefined> {
    const answer = await ask(requestOf, {})
    return answer instanceof Response ? answer : undefined
  }

  async function stop(grace: number | undefined): Promise<void> {
    const error = programStopped()
    for (const end of endings) end(error)
    stopping.abort(error)
    const place = await joining?.catch(() => undefined)
    try {
      await place?.leave(grace)
    } finally {
      onStop?.()
    }
  }

  await join()
  return {
    fetch,
    forward,
    get runtime() {
      return joined?.role === 'owner' ? joined.runtime : undefined
    },
    get mounted() {
      return joined?.role === 'owner' ? joined.mounted : undefined
    },
    stop: ({ grace } = {}) => (stopped ??= stop(grace)),
  }
}

/** A response whose events end with the signal's reason. */
function untilStopped(response: Response, signal: AbortSignal): Response {
  const { body, status, headers } = response
  if (!body || !headers.get('content-type')?.startsWith('text/event-stream')) return response
  return new Response(body.pipeThrough(new TransformStream(), { signal }), { status, headers })
}

const programStopped = () =>
  new CancelledError('The program has stopped; its work continues after a restart.', { code: 'stopped' })
