import { BusyError, is } from '../../../errors.ts'
import type { Fetch } from '../../../http/client/transport/unix-socket.ts'
import type { FolderConnection } from '../../../http/server/join-folder.ts'
import { parsePort } from '../../arguments/options.ts'
import { command, loadSetup, type Setup } from '../../cli.ts'
import { openBrowser } from '../../connect/open-browser.ts'
import { systemUser } from '../../connect/session.ts'
import { listenForSignals } from '../../terminal/signals.ts'
import { explainListening } from './serve.ts'

const GRACE_MS = 5_000
/** ms for which the dashboard waits for an owner of the folder that has ended: a day */
const PATIENCE_MS = 86_400_000

export const uiCommand = command({
  name: 'ui',
  about:
    'Open the dashboard of this folder in a browser. It asks the process that owns the folder, or opens the folder itself. It listens on 127.0.0.1 only; its address signs in one browser, once, within a minute.',
  options: [
    ['--port <number>', 'port to listen on', { parse: parsePort, default: 0, shown: 'any free port' }],
    ['--no-open', 'print the address, and open no browser'],
  ],
  at: 'folder',
  examples: ['ui', 'ui --port 8123 --no-open'],
  async run(cli, { port, open, data }) {
    const { terminal } = cli
    const interruption = listenForSignals(() => process.exit(130))
    const setup = await loadSetup(cli, data)
    const [{ openFolderDoor }, folder] = await Promise.all([
      import('../../../http/ui/folder-door.ts'),
      followFolder(setup, (line) => terminal.say(line)),
    ])
    try {
      const { door, address } = await openFolderDoor(folder.ask, { port, user: systemUser(cli) }).catch((error) =>
        explainListening(error, `127.0.0.1:${port}`),
      )
      try {
        const url = address()
        terminal.say(`The dashboard of ${setup.data}. This address signs in one browser, once, within a minute:`)
        terminal.out(url)
        if (open && process.stdout.isTTY) openBrowser(url)
        const signal = await Promise.race([interruption.asked, folder.broken])
        return signal === 'SIGTERM' ? 0 : 130
      } finally {
        await door.close()
      }
    } finally {
      interruption.off()
      await folder.leave()
    }
  },
})

type FollowedFolder = { readonly ask: Fetch; readonly broken: Promise<never>; leave(): Promise<void> }

/** The owner of the folder, also one that comes later: until then, requests are told to wait. */
async function followFolder(setup: Setup, say: (line: string) => void): Promise<FollowedFolder> {
  const { joinFolder } = await import('../../../http/server/join-folder.ts')
  const join = (more: object) => joinFolder(setup, { command: 'antiphon ui', holds: false, ...more })
  let place: FolderConnection | undefined = await join({})
  let isLeaving = false
  const broken = Promise.withResolvers<never>()
  broken.promise.catch(() => {})

  async function follow(): Promise<void> {
    while (!isLeaving && place) {
      if (place.role === 'owner') return place.runtime.broken()
      await place.gone
      if (isLeaving) return
      place = undefined
      say('The process that owned the folder has ended. The dashboard waits for the next one.')
      place = await join({ role: 'visitor', patience: PATIENCE_MS })
    }
  }
  follow().catch(broken.reject)
  return {
    broken: broken.promise,
    async ask(request) {
      if (!place) throw new BusyError('No process owns the folder now.', { code: 'owner_gone' })
      try {
        return await (place.role === 'owner' ? place.app.fetch(request) : place.fetch(request))
      } catch (error) {
        if (is(error)) throw error
        throw new BusyError('The owner of the folder does not answer.', { code: 'owner_gone', cause: error })
      }
    },
    async leave() {
      isLeaving = true
      await place?.leave(GRACE_MS)
    },
  }
}
