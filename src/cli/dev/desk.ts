import { BusyError, is } from '../../errors.ts'
import { createClient } from '../../http/client/client.ts'
import { type Fetch, socketFetch } from '../../http/client/transport/unix-socket.ts'
import { openFolderDoor } from '../../http/ui/folder-door.ts'
import { byHeader } from '../../http/wire/by-header.ts'
import { getOrInsert } from '../../lib/collections/get-or-insert.ts'
import { readOwner } from '../../store/data-folder/owner-record.ts'
import type { Cli } from '../cli.ts'
import { openBrowser } from '../connect/open-browser.ts'
import { systemUser } from '../connect/session.ts'
import { explainError } from '../terminal/errors.ts'
import { lastRun } from './news.ts'

/** The dashboard of a folder and two keys, over whichever process owns the folder `data()` now. */
export async function openDesk(cli: Cli, port: number, data: () => string) {
  const { say, out, folder } = cli.terminal
  /** the transports of owners, by their sockets: each proves once who this process is */
  const transports = new Map<string, Fetch>()
  const ask: Fetch = (request) => {
    const socket = readOwner(data())?.socket
    if (!socket) throw new BusyError('No process owns the folder now.', { code: 'owner_gone' })
    return getOrInsert(transports, socket, socketFetch)(request)
  }
  const explain = (error: unknown) => say(explainError(error, folder).text)
  const user = systemUser(cli)
  const client = createClient(ask, { base: 'http://antiphon', headers: byHeader({ through: 'cli', user }) })
  const dashboard = await openFolderDoor(ask, { port, user }).catch((error) => {
    // a checkout without pages
    if (!is(error, 'NotFoundError')) throw error
    explain(error)
    return undefined
  })
  /** the run that `r` was pressed for */
  let asked: string | undefined

  async function again(): Promise<void> {
    const last = await lastRun(client)
    if (!last) return say('There is no run that can start again.')
    const { id, name, mayRepeat, request } = last
    if (!mayRepeat || asked === id) return void (await client.runs.start(request))
    asked = id
    say(`${id} ${name} may have steps that must not be repeated. To start it anew: r`)
  }

  function show(isWanted: boolean): void {
    if (!dashboard) return
    const url = dashboard.address()
    say('The dashboard. This address signs in one browser, once, within a minute:')
    out(url)
    if (isWanted) openBrowser(url)
  }

  return {
    client,
    show,
    press(key: string): void {
      if (key === 'o') show(true)
      if (key === 'r') again().catch(explain)
      else asked = undefined
    },
    close: async () => dashboard?.door.close(),
  }
}
