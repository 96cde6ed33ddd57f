import { AntiphonError, InvalidError } from '../../../errors.ts'

type ServerInfo = { readonly version: string; readonly ingress: string }

/** The servers of one cluster: the version of one, the ingress addresses, and the servers that answered. */
export type ServersInfo = {
  readonly version: string
  readonly ingress: readonly string[]
  /** admin addresses of the servers */
  readonly answering: readonly string[]
  readonly silent: readonly string[]
}

/** Queries the servers of one cluster. Error `unreachable` when none answers. */
export async function askServers(admins: readonly string[]): Promise<ServersInfo> {
  const asked = await Promise.allSettled(admins.map(askServer))
  const answers = asked.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
  if (answers.length === 0) throw unreachable(admins.join(', '), (asked[0] as PromiseRejectedResult).reason.cause)
  const those = (status: 'fulfilled' | 'rejected') => admins.filter((_, index) => asked[index]!.status === status)
  return {
    version: answers[0]!.version,
    ingress: answers.map(({ ingress }) => ingress),
    answering: those('fulfilled'),
    silent: those('rejected'),
  }
}

const SERVER_INFO_TIMEOUT_MS = 5_000

/** Asks a server, at its admin address, for its identity and ingress address. Error `unreachable` without an answer. */
export async function askServer(admin: string): Promise<ServerInfo> {
  const said = await fetch(`${admin}/version`, { signal: AbortSignal.timeout(SERVER_INFO_TIMEOUT_MS) })
    .then((response) => response.json() as Promise<{ readonly version?: string; readonly ingress_endpoint?: string }>)
    .catch((cause: unknown) => {
      throw unreachable(admin, cause)
    })
  if (!said.version || !said.ingress_endpoint) throw unreachable(admin)
  return { version: said.version, ingress: said.ingress_endpoint.replace(/\/+$/, '') }
}

function unreachable(admin: string, cause?: unknown): AntiphonError {
  return new AntiphonError(
    `No Restate server answers at ${admin}, which should be its admin address (port 9070 by default). To start one on this machine: antiphon cluster dev`,
    { code: 'unreachable', cause },
  )
}

/** The server version that was tested, and the oldest one that works. */
export const TESTED_VERSION = '1.7.12'
export const MIN_VERSION = '1.7.0'

export function judgeVersion(version: string): 'known' | 'other' | 'too-old' {
  if (version === TESTED_VERSION) return 'known'
  return compare(version, MIN_VERSION) < 0 ? 'too-old' : 'other'
}

/** InvalidError for a server that lacks something a node needs. */
export function checkVersion(version: string): void {
  if (judgeVersion(version) !== 'too-old') return
  throw new InvalidError(`The Restate server has version ${version}, expected ${MIN_VERSION} or newer.`, {
    hint: `Tested with ${TESTED_VERSION}`,
  })
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/[.-]/).map(Number))
  const at = [0, 1, 2].find((place) => left![place] !== right![place])
  return at === undefined ? 0 : left![at]! - right![at]!
}
