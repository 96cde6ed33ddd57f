import { setTimeout as sleep } from 'node:timers/promises'
import type { OwnerPlace } from '../../../http/server/join-folder.ts'
import { type Cli, command, loadSetup } from '../../cli.ts'
import { whenIdle } from '../../connect/idle.ts'
import { listenForSignals } from '../../terminal/signals.ts'

const STOP_GRACE_MS = 5_000
const FIRST_VISIT_TIMEOUT_MS = 10_000
const LINGER_MS = 1_000

/** `own`, the background of `run --detach`: owns the folder until the work of other commands is done. */
export const ownCommand = command({
  name: 'own',
  role: 'hidden',
  about: 'Own a data folder until its last run is done.',
  at: 'folder',
  run: (cli, { data }) => own(cli, data),
})

async function own(cli: Cli, data: string | undefined): Promise<number> {
  const interruption = listenForSignals(() => process.exit(130))
  const { joinFolder } = await import('../../../http/server/join-folder.ts')
  const place = await joinFolder(await loadSetup(cli, data), { command: 'antiphon own' })
  try {
    if (place.role === 'visitor') return 0
    return await Promise.race([interruption.asked.then(() => 130), serveToEnd(place)])
  } finally {
    await place.leave(STOP_GRACE_MS)
    interruption.off()
  }
}

async function serveToEnd(place: OwnerPlace): Promise<number> {
  await Promise.race([place.served?.visitors.arrived(), sleep(FIRST_VISIT_TIMEOUT_MS, undefined, { ref: false })])
  await whenIdle(place, LINGER_MS)
  return 0
}
