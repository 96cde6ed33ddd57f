import type { NoticeDocument, NoticeTrial } from '../../../notify/room/port.ts'
import { command } from '../../command.ts'
import { withReader } from '../../connect/reader.ts'
import { withRuntime } from '../../connect/session.ts'
import { printJson, printLines, showList } from '../../render/print.ts'
import { printTable } from '../../render/table.ts'
import { oneLine } from '../../render/text.ts'
import { localTime } from '../../terminal/format.ts'

const NONE = 'antiphon.yaml names no receiver under `notify:`.'

const testCommand = command({
  name: 'test',
  about: 'Send a test message to each receiver under `notify:`, once. Exit code 1: one did not take it.',
  options: [['--json', 'print what came of them as JSON']],
  at: 'server',
  examples: ['notify test', 'notify test --json'],
  run(cli, { json, ...where }) {
    const { terminal } = cli
    const options = { command: 'antiphon notify', ...where, serve: false, creates: true }
    return withRuntime(cli, options, async ({ client }) => {
      const tried = await client.notices.test()
      if (json) printJson(terminal, tried)
      else printLines(terminal, tried.length === 0 ? [NONE] : tried.flatMap(linesOf))
      return tried.every(({ ok }) => ok) ? 0 : 1
    })
  },
})

function linesOf({ receiver, ok, status, problem }: NoticeTrial): readonly string[] {
  if (ok) return [`ok   ${receiver}  took the message (status ${status})`]
  return [`BAD  ${receiver}  ${problem?.message}`, ...(problem?.hint === undefined ? [] : [`     ${problem.hint}`])]
}

const listCommand = command({
  name: 'list',
  about: 'List the messages that their receivers have not taken. Those given up are dead letters, too.',
  options: [['--json', 'print them as JSON']],
  at: 'server',
  examples: ['notify list', 'notify list --json'],
  run(cli, { json, ...where }) {
    const { terminal } = cli
    const show = (notices: readonly NoticeDocument[]): number => {
      const head = ['SINCE', 'EVENT', 'ABOUT', 'RECEIVER', 'STATUS', 'TRIED', 'PROBLEM']
      const print = () => printTable(terminal, head, notices.map(rowOf))
      const none = 'No message waits for its receiver.'
      return showList(terminal, notices, { json, limit: Number.POSITIVE_INFINITY, none, print })
    }
    return withReader(cli, { command: 'antiphon notify', ...where, empty: () => show([]) }, async ({ client }) =>
      show(await client.notices.list()),
    )
  },
})

function rowOf({ since, event, about, receiver, status, attempts, problem }: NoticeDocument): readonly string[] {
  return [localTime(since), event, about, receiver, status, String(attempts), oneLine(problem?.message ?? '', 80)]
}

/** `notify test|list`: the receivers of messages about work that waits for people. */
export const notifyCommand = command({
  name: 'notify',
  about: 'Test the receivers of messages about waiting work. `list` shows messages that they have not taken.',
  commands: [testCommand, listCommand],
  examples: ['notify test', 'notify list'],
})
