import type { OwnerErasure } from '../../../erasure/room/documents.ts'
import { InvalidError } from '../../../errors.ts'
import { type Cli, command, targetOf } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'

export const forgetOwnerCommand = command({
  name: 'forget-owner',
  about: 'Remove all data, keys and work of an owner for good. The report says what remains.',
  args: [['<owner>', 'name of the owner']],
  options: [
    ['--dry-run', 'only count what would be removed'],
    ['--yes', 'do not ask for the name again'],
    ['--json', 'print the report as JSON'],
  ],
  at: 'server',
  examples: ['forget-owner ada --dry-run', 'forget-owner ada', 'forget-owner ada --yes --json'],
  run(cli, owner, options) {
    const { json = false, dryRun = false, yes = false } = options
    const where = { command: 'antiphon forget-owner', ...targetOf(options) }
    return withRuntime(cli, where, async (session) => {
      const { erasures } = session.client
      if (!dryRun && !yes) await confirm(cli, session, owner)
      const report = await erasures.forget(owner, { dryRun })
      if (json) cli.terminal.json(report)
      else cli.terminal.lines(linesOf(report))
      return report.status === 'pending' ? 1 : 0
    })
  },
})

async function confirm({ terminal }: Cli, { signal }: Session, owner: string): Promise<void> {
  const answer = await terminal.read?.(`Everything of ${owner} goes for good. Type its name: `, signal)
  if (answer === undefined && !terminal.read)
    throw new InvalidError('Expected a confirmation, and there is no terminal.', { hint: 'Add --yes, or --dry-run.' })
  if (answer?.trim() !== owner) throw new InvalidError('The name is another one. Nothing was removed.')
}

const HEADS = {
  done: 'The owner is forgotten.',
  pending: 'The owner is being forgotten. A process that owns the folder, such as antiphon serve, continues it.',
  'dry-run': 'This would be removed:',
}

function linesOf({ id, status, removed, waits, remains }: OwnerErasure): readonly string[] {
  const counts = Object.entries(removed).flatMap(([place, count]) => (count === 0 ? [] : [`  ${place}: ${count}`]))
  return [
    id === undefined ? HEADS[status] : `${HEADS[status]} Report: ${id}`,
    ...(counts.length === 0 ? ['  nothing'] : counts),
    ...(waits === undefined ? [] : [`It waits for: ${waits}`]),
    'It does not reach:',
    ...remains.map((one) => `  ${one}`),
  ]
}
