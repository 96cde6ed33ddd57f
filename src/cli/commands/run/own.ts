import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { DATA_OPTION } from '../../arguments/options.ts'
import { type Cli, configureHere } from '../../cli.ts'
import { untilQuiet } from '../../connect/idle.ts'
import type { OwnPlace } from '../../connect/owner.ts'
import { listenForSignals } from '../../terminal/signals.ts'

const GRACE = 5_000
const FIRST_VISIT = 10_000
const LINGER = 1_000

/** `own`, the background of `run --detach`: owns the folder until what others gave it is done. */
export function ownCommand(cli: Cli): Command {
  return new Command('own')
    .description('Own a data folder until its last run is done.')
    .option(...DATA_OPTION)
    .action(async ({ data }: { readonly data?: string }) => cli.exit(await own(cli, data)))
}

async function own(cli: Cli, data: string | undefined): Promise<number> {
  const interruption = listenForSignals(() => process.exit(130))
  const { joinFolder } = await import('../../connect/owner.ts')
  const place = await joinFolder(await configureHere(cli, data), { command: 'antiphon own' })
  try {
    if (place.role === 'visitor') return 0
    return await Promise.race([interruption.asked.then(() => 130), serveToEnd(place)])
  } finally {
    await place.leave(GRACE)
    interruption.off()
  }
}

async function serveToEnd(place: OwnPlace): Promise<number> {
  await Promise.race([place.served?.visitors.arrived(), sleep(FIRST_VISIT, undefined, { ref: false })])
  await untilQuiet(place, LINGER)
  return 0
}
