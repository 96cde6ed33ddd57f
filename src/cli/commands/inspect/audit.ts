import type { ActLine } from '../../../access/room/documents.ts'
import { parseSince } from '../../arguments/options.ts'
import { limitOption, listCommand } from '../../client-command.ts'
import { DOOR_WORDS, nameOfBy } from '../../render/said.ts'
import { localTime, oneLine } from '../../terminal/format.ts'

export const auditCommand = listCommand({
  name: 'audit',
  about:
    'List what people and programs did. That is approvals, rejections, changes, settlements, decisions, raised budgets, keys, agents, erasures, and operations on many runs, through whatever door. The newest day comes first; entries are kept for 90 days. Requests over the network are in "antiphon keys audit".',
  options: [
    ['--owner <owner>', 'only acts on the work of this owner'],
    ['--tool <name>', 'only acts on calls of this tool'],
    ['--by <name>', 'only what somebody of this name did'],
    ['--since <time>', 'only acts since then: 7d, 12h, today, yesterday, 2026-11-21', { parse: parseSince }],
    limitOption('entries', 50),
    ['--json', 'print them as JSON'],
  ],
  examples: ['audit', 'audit --tool refund --since yesterday', 'audit --owner anna --json'],
  ask: ({ access }, query) => access.audit.list({ of: 'acts', ...query }),
  none: ({ owner, tool, by, since }) =>
    (owner ?? tool ?? by ?? since) ? 'No act fits.' : 'Nobody has approved, settled or changed anything.',
  head: ['AT', 'OWNER', 'DID', 'WHAT', 'BY', 'THROUGH', 'SAID'],
  row: rowOf,
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
