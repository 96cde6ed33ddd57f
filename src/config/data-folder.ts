/** Why a text cannot name a data folder: `libsql://…` is an address and would become a folder. Undefined: it can. */
export function dataFolderFault(data: string): string | undefined {
  const [scheme] = /^([a-z][a-z0-9+.-]*:\/\/|file:|libsql:)/i.exec(data) ?? []
  // only the scheme is shown: the rest may hold a token
  return scheme && `expected a folder on this machine, got an address that begins with ${scheme}`
}

/** The alternatives to an address. */
export const DATA_FOLDER_HINT =
  'Give a path: --data /var/lib/antiphon. To keep the data on a server, use the engine restate: --restate http://127.0.0.1:9070'
