import { InvalidError } from '../../../../errors.ts'
import type { ErasureReport } from '../../../../memory/memory.ts'
import { type Cli, type ConnectionTarget, command, type OptionRecord, type OptionsOf, targetOf } from '../../../cli.ts'
import { type Session, withRuntime } from '../../../connect/session.ts'
import { formatCount } from '../../../terminal/format.ts'
import { JSON_OPTION, OWNER_OPTION, ownerIn, parseSpace, sourceRef } from './options.ts'

const OPTIONS = [
  ['--space <path>', 'this space and all below it; / is everything', { parse: parseSpace }],
  ['--source <ref>', 'everything from this file, folder or URL'],
  ['--subject <text>', 'all facts about this'],
  ['--kind <name>', 'all records of this kind'],
  ['--all', 'everything in this memory'],
  ['--dry-run', 'only count what would be erased'],
  ['--yes', 'do not ask'],
  OWNER_OPTION,
  JSON_OPTION,
] as const satisfies readonly OptionRecord[]
type ForgetOptions = ConnectionTarget & OptionsOf<typeof OPTIONS>

export const forgetCommand = command({
  name: 'forget',
  about: 'Erase records for good. The report says what was removed and what remains.',
  args: [['[record]', 'id of a record']],
  options: OPTIONS,
  at: 'server',
  examples: [
    'memory forget m_3xJd0vQ',
    'memory forget --space work/alpha --dry-run',
    'memory forget --source docs',
    'memory forget --all --yes',
  ],
  run(cli, id, { source: given, ...options }) {
    const source = given === undefined ? {} : { source: sourceRef(given, cli.terminal) }
    const target = targetIn(id, { ...options, ...source })
    const { json = false, dryRun = false, yes = false } = options
    const where = { command: 'antiphon memory forget', ...targetOf(options), serve: false }
    return withRuntime(cli, where, async (session) => {
      const { memory } = session.client
      const request = { ...target, ...ownerIn(options) }
      const counted = await memory.forget({ ...request, dryRun: true })
      const { records } = counted.removed
      if (!dryRun && !yes && records > 0) await confirm(cli, session, counted)
      const report = dryRun ? counted : await memory.forget(request)
      if (json) cli.terminal.json(report)
      else cli.terminal.lines(linesOf(report))
      return report.status === 'pending' ? 1 : 0
    })
  },
})

function targetIn(id: string | undefined, { space, source, subject, kind, all }: ForgetOptions) {
  const named = Object.entries({ id, space, source, subject, kind, all }).filter(([, value]) => value !== undefined)
  if (named.length === 1) return Object.fromEntries(named)
  throw new InvalidError('Expected exactly one of: a record, --space, --source, --subject, --kind, --all.', {
    hint: 'Look first: antiphon memory forget --space PATH --dry-run',
  })
}

async function confirm({ terminal }: Cli, { signal }: Session, counted: ErasureReport): Promise<void> {
  const { records } = counted.removed
  for (const line of terminal.read ? derivedLines(counted) : []) terminal.say(line)
  const answer = await terminal.read?.(`Erase ${formatCount(records, 'record')} for good? [y/N] `, signal)
  if (answer === undefined && !terminal.read)
    throw new InvalidError(`Expected a confirmation to erase ${formatCount(records, 'record')}, got no terminal.`, {
      hint: 'Add --yes, or --dry-run.',
    })
  if (!/^y(es)?$/i.test(answer?.trim() ?? '')) throw new InvalidError('Nothing was erased.')
}

const NO_MATCH =
  'No record matched. Names count letter by letter: antiphon memory list shows those of spaces, subjects and kinds.'

function linesOf(report: ErasureReport): readonly string[] {
  const { id, status, removed, remains } = report
  const { records, words, changes, redis } = removed
  if (records === 0) return [NO_MATCH]
  const derived = derivedLines(report)
  if (status === 'dry-run') return [`${formatCount(records, 'record')} would be erased.`, ...derived]
  const state = status === 'done' ? 'erased' : 'hidden, and the erasure continues'
  return [
    `${formatCount(records, 'record')} ${state}${id === undefined ? '' : ` (${id})`}.`,
    ...derived,
    `  word index: ${words}, change log: ${changes}${redis === undefined ? '' : `, Redis: ${redis}`}`,
    ...(remains.length === 0 ? [] : [`  what remains: ${remains.join('; ')}`]),
  ]
}

/** Names the records that go because they were made of the others. */
function derivedLines({ derived = [] }: ErasureReport): readonly string[] {
  if (derived.length === 0) return []
  const names = derived.map(
    ({ id, kind, ask }) => `    ${id}  ${kind}${ask === undefined ? '' : `, from the ask ${ask}`}`,
  )
  return ['  among them, made of the others:', ...names]
}
