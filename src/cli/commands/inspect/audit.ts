import type { ActLine } from '../../../access/room/documents.ts'
import { parseLimit, parseSince } from '../../arguments/options.ts'
import { command } from '../../command.ts'
import { withReader } from '../../connect/reader.ts'
import { showList } from '../../render/print.ts'
import { DOOR_WORDS, nameOfBy } from '../../render/said.ts'
import { printTable } from '../../render/table.ts'
import { oneLine } from '../../render/text.ts'
import { localTime } from '../../terminal/format.ts'

/** `audit`: who approved, rejected, changed and settled what, and who changed keys, agents, owners and many runs. */
export const auditCommand = command({
  name: 'audit',
  about:
    'List what people and programs did. That is approvals, rejections, changes, settlements, decisions, raised budgets, keys, agents, erasures, and operations on many runs, through whatever door. The newest day comes first; entries are kept for 90 days. Requests over the network are in "antiphon keys audit".',
  options: [
    ['--owner <owner>', 'only acts on the work of this owner'],
    ['--tool <name>', 'only acts on calls of this tool'],
    ['--since <time>', 'only acts since then: 7d, 12h, today, yesterday, 2026-11-21', { parse: parseSince }],
    ['--limit <number>', 'maximum number of entries, up to 1000', { parse: parseLimit, default: 50 }],
    ['--json', 'print them as JSON'],
  ],
  at: 'server',
  examples: ['audit', 'audit --tool refund --since yesterday', 'audit --owner anna --json'],
  run(cli, { json, owner, tool, since, limit, ...where }) {
    const { terminal } = cli
    const show = (lines: readonly ActLine[]): number => {
      const print = () =>
        printTable(terminal, ['AT', 'OWNER', 'DID', 'WHAT', 'BY', 'THROUGH', 'SAID'], lines.map(rowOf))
      return showList(terminal, lines, {
        json,
        limit,
        none: (owner ?? tool ?? since) ? 'No act fits.' : 'Nobody has approved, settled or changed anything.',
        print,
      })
    }
    const query = {
      of: 'acts' as const,
      limit,
      ...(owner !== undefined && { owner }),
      ...(tool !== undefined && { tool }),
      ...(since !== undefined && { since }),
    }
    return withReader(cli, { command: 'antiphon audit', ...where, empty: () => show([]) }, async ({ client }) =>
      show(await client.access.audit.list(query)),
    )
  },
})

function rowOf(line: ActLine): readonly string[] {
  const { at, owner, what, outcome, by, title, reason } = line
  const did = outcome === undefined ? what : `${what} (${outcome})`
  const words = by ? [nameOfBy(by), DOOR_WORDS[by.through]] : ['-', '-']
  const said = [title, reason && `“${reason}”`].filter(Boolean).join(' ')
  return [localTime(at), owner, did, oneLine(subjectOf(line), 80), ...words, oneLine(said, 120)]
}

function subjectOf({ tool, run, step, goal, agent, conversation, ask, target }: ActLine): string {
  const call = step === undefined ? undefined : `${step} of ${run ?? goal}`
  return [tool, call ?? ask ?? target, agent, conversation].filter((part) => part !== undefined).join('  ')
}
