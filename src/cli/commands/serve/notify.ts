import type { NoticeTrial } from '../../../notify/room/port.ts'
import { command } from '../../cli.ts'
import { listCommand, showCommand } from '../../client-command.ts'
import { localTime, oneLine } from '../../terminal/format.ts'

const testCommand = showCommand({
  name: 'test',
  about: 'Send a test message to each receiver under `notify:`, once. Exit code 1: one did not take it.',
  options: [['--json', 'print what came of them as JSON']],
  examples: ['notify test', 'notify test --json'],
  opens: { serve: false, creates: true },
  ask: ({ notices }) => notices.test(),
  print: (tried, terminal) =>
    terminal.lines(tried.length === 0 ? ['antiphon.yaml names no receiver under `notify:`.'] : tried.flatMap(linesOf)),
  exitCode: (tried) => (tried.every(({ ok }) => ok) ? 0 : 1),
})

function linesOf({ receiver, ok, status, problem }: NoticeTrial): readonly string[] {
  if (ok) return [`ok   ${receiver}  took the message (status ${status})`]
  return [`BAD  ${receiver}  ${problem?.message}`, ...(problem?.hint === undefined ? [] : [`     ${problem.hint}`])]
}

const listNoticesCommand = listCommand({
  about: 'List the messages that their receivers have not taken. Those given up are dead letters, too.',
  options: [['--json', 'print them as JSON']],
  examples: ['notify list', 'notify list --json'],
  ask: ({ notices }) => notices.list(),
  none: 'No message waits for its receiver.',
  head: ['SINCE', 'EVENT', 'ABOUT', 'RECEIVER', 'STATUS', 'TRIED', 'PROBLEM'],
  row: ({ since, event, about, receiver, status, attempts, problem }) => [
    ...[localTime(since), event, about, receiver, status, String(attempts), oneLine(problem?.message ?? '', 80)],
  ],
})

export const notifyCommand = command({
  name: 'notify',
  about: 'Test the receivers of messages about waiting work. `list` shows messages that they have not taken.',
  commands: [testCommand, listNoticesCommand],
  examples: ['notify test', 'notify list'],
})
