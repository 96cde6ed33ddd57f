import type { Branch } from '../../../runtime/ports/inspector.ts'
import { readRef } from '../../arguments/ids.ts'
import { command } from '../../cli.ts'
import { withReader } from '../../connect/session.ts'
import type { Colors } from '../../terminal/escape.ts'
import { formatDuration, statusMark, statusText } from '../../terminal/format.ts'

export const treeCommand = command({
  name: 'tree',
  about: 'Draw actors as trees. Runs have steps, threads have phases, supervisors have children.',
  args: [['[ref]', 'a run, a thread, or KIND/KEY of an actor (default: all with work or failures)']],
  options: [['--json', 'print it as JSON']],
  at: 'server',
  examples: ['tree', 'tree run_3xJd0vQ', 'tree chain/main --json'],
  run(cli, ref, { json = false, ...where }) {
    const { terminal } = cli
    return withReader(
      cli,
      { command: 'antiphon tree', ...where, ...(ref === undefined && { empty: () => show([]) }) },
      async ({ client }) =>
        show(await (ref === undefined ? client.inspector.tree() : readRef(client, ref, client.inspector.tree))),
    )

    function show(trees: readonly Branch[]): number {
      if (json) terminal.json(trees)
      else if (trees.length === 0) terminal.say('No actor has work here. To see all actors: antiphon actors list')
      else
        terminal.lines(trees.flatMap((branch) => drawBranch(branch, { now: Date.now(), colors: terminal.outColors })))
      return 0
    }
  },
})

/** A branch as lines: `first` stands before its own line, `rest` before the lines below it. */
function drawBranch(branch: Branch, { now, colors }: Drawing, first = '', rest = ''): readonly string[] {
  const { of, status, since, note, branches, more } = branch
  const facts = [
    statusText(status),
    ...(note === undefined ? [] : [note]),
    ...(since === undefined ? [] : [timeOf(status, formatDuration(Math.max(0, now - since)))]),
  ]
  const below = branches.map((child, place) => {
    const isLast = place === branches.length - 1 && more === 0
    return drawBranch(child, { now, colors }, `${rest}${isLast ? '└─ ' : '├─ '}`, `${rest}${isLast ? '   ' : '│  '}`)
  })
  return [
    `${first}${statusMark(status, colors)} ${of}  ${facts.join(', ')}`,
    ...below.flat(),
    ...(more > 0 ? [`${rest}└─ … and ${more} more`] : []),
  ]
}

type Drawing = { readonly now: number; readonly colors: Colors }

/** How long an actor has waited or worked; for an interrupted one, how long ago it was interrupted. */
const timeOf = (status: string, duration: string) => (status === 'left' ? `${duration} ago` : `for ${duration}`)
