import { AntiphonError } from '../../errors.ts'

/** What a Restate server says of itself. */
export type ServerInfo = { readonly version: string; readonly ingress: string }

const PATIENCE = 5_000

/** Asks a server, by its admin address, who it is and where messages go in; an error of code `unreachable` when none answers. */
export async function askServer(admin: string): Promise<ServerInfo> {
  const said = await fetch(`${admin}/version`, { signal: AbortSignal.timeout(PATIENCE) })
    .then((response) => response.json() as Promise<{ readonly version?: string; readonly ingress_endpoint?: string }>)
    .catch((cause: unknown) => {
      throw unreachable(admin, cause)
    })
  if (!said.version || !said.ingress_endpoint) throw unreachable(admin)
  return { version: said.version, ingress: said.ingress_endpoint.replace(/\/+$/, '') }
}

function unreachable(admin: string, cause?: unknown): AntiphonError {
  return new AntiphonError(
    `No Restate server answers at ${admin}. To start one on this machine: antiphon cluster dev`,
    { code: 'unreachable', cause },
  )
}
