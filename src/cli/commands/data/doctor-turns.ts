import { openAdmin } from '../../../engine/restate/admin/admin-api.ts'
import { giveUpTurnOf } from '../../../engine/restate/admin/give-up.ts'
import { chooseRelease, type MovedTurn, moveRelease } from '../../../engine/restate/admin/move-release.ts'
import { surveyReleases } from '../../../engine/restate/admin/releases.ts'
import { createClient } from '../../../engine/restate/client/client.ts'
import { parseRef } from '../../../kernel/ref.ts'
import { type Cli, command } from '../../cli.ts'
import { requireCluster } from '../../connect/cluster.ts'
import { describeFailure } from '../../doctor/stuck-turns.ts'
import { formatCount } from '../../terminal/format.ts'

type Options = { readonly json?: boolean; readonly dryRun?: boolean; readonly data?: string }

export const moveCommand = command({
  name: 'move',
  about:
    'Move turns from an old release to the newest code. Sleeping and failing turns are moved; a running turn is not. A turn that does not fit is put back. Exit code 1 if some stay.',
  args: [['<release>', 'name or address of the old release, from antiphon doctor']],
  options: [
    ['--dry-run', 'only print what would happen to each turn'],
    ['--json', 'print the result as JSON'],
  ],
  at: 'folder',
  examples: ['doctor move aR0kidZLHtWO --dry-run', 'doctor move aR0kidZLHtWO'],
  run: (cli, given, _, command) => move(cli, given, command.optsWithGlobals<Options>()),
})

async function move(cli: Cli, given: string, { json = false, dryRun = false, data }: Options): Promise<number> {
  const { terminal } = cli
  const { admin: url, namespace } = await requireCluster(cli, data)
  const admin = openAdmin(url)
  const release = chooseRelease(await surveyReleases(admin, namespace), given)
  const onMoved = (moved: MovedTurn) => {
    if (!json) terminal.out(`${WORDS[moved.outcome].padEnd(8)} ${moved.target}${reasonOf(moved, dryRun)}`)
  }
  const turns = await moveRelease(admin, namespace, release, { dryRun, onMoved })
  if (json) terminal.json({ release: release.name, dryRun, turns })
  else terminal.say(summaryOf(release.name, turns, dryRun))
  return turns.every(isAway) ? 0 : 1
}

const isAway = ({ outcome }: MovedTurn) => outcome === 'moved' || outcome === 'over'

const WORDS: { readonly [outcome in MovedTurn['outcome']]: string } = {
  moved: 'moved',
  'put-back': 'back',
  failing: 'failing',
  left: 'left',
  over: 'over',
}

function reasonOf(moved: MovedTurn, dryRun: boolean): string {
  if (moved.why === 'running') return ': it is running; try again when it has ended'
  if (moved.why === 'no newer release') return ': no newer release has this kind of actor'
  if (moved.failure) return `: ${describeFailure(moved)}`
  return dryRun ? ', if the code fits' : ''
}

function summaryOf(release: string, turns: readonly MovedTurn[], dryRun: boolean): string {
  if (turns.length === 0) return `No turns are open on release ${release}.`
  const away = turns.filter(isAway).length
  const left = turns.length - away
  const done = `${formatCount(away, 'turn')} ${dryRun ? 'would leave' : 'left'} release ${release}`
  return left === 0 ? `${done}.` : `${done}, ${left} did not. Details: antiphon doctor`
}

export const giveUpCommand = command({
  name: 'give-up',
  about:
    'Give up a turn whose code is gone for good. Its message becomes a dead letter, its caller gets an error, and the actor continues with its mail. Completed effects of the turn stay.',
  args: [['<actor>', 'KIND/KEY of the actor, from antiphon doctor']],
  at: 'folder',
  examples: ['doctor give-up step/run_3xJd0vQ.fetch'],
  async run(cli, actor, _, command) {
    const { admin, ingress, namespace } = await requireCluster(cli, command.optsWithGlobals<{ data?: string }>().data)
    await giveUpTurnOf(createClient({ admin, ingress }), namespace, parseRef(actor))
    cli.terminal.say(`The turn of ${actor} is given up. Its message: antiphon deadletters list`)
    return 0
  },
})
