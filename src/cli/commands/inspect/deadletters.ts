import { stringify } from 'yaml'
import { InvalidError } from '../../../errors.ts'
import type { Retried } from '../../../runtime/ports/inspector.ts'
import { command } from '../../cli.ts'
import { limitOption, listCommand, showCommand } from '../../client-command.ts'
import { type Session, withReader, withRuntime } from '../../connect/session.ts'
import { redacted } from '../../render/redact.ts'
import { localTime, oneLine } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

const listLettersCommand = listCommand({
  about: 'List dead letters, the newest first.',
  options: [limitOption('letters', 20), ['--json', 'print them as JSON']],
  examples: ['deadletters list', 'deadletters list --limit 100 --json'],
  ask: ({ inspector }, query) => inspector.deadLetters.list(query),
  none: 'There are no dead letters here.',
  head: ['ID', 'SINCE', 'TO', 'CODE', 'PROBLEM'],
  row: ({ id, at, to, problem }) => [id, localTime(at), to, problem.code, oneLine(problem.message, 80)],
})

const showLetterCommand = showCommand({
  about: 'Show a dead letter. Long texts are cut and fields named like secrets are hidden; --json cuts nothing.',
  args: [['<id>', 'id of the letter']],
  options: [['--json', 'print it as JSON']],
  examples: ['deadletters show 3xJd0vQ', 'deadletters show 3xJd0vQ --json'],
  ask: ({ inspector }, id) => inspector.deadLetters.get(id),
  json: (letter) => redacted(letter, { cut: false }),
  print: (letter, terminal) => terminal.out(stringify(redacted(letter), { lineWidth: 0 }).trimEnd()),
})

const dropCommand = command({
  name: 'drop',
  about: 'Drop dead letters for good. Asks first.',
  args: [['<id...>', 'ids of the letters']],
  options: [
    ['-y, --yes', 'do not ask'],
    ['--json', 'print what was dropped as JSON'],
  ],
  at: 'server',
  examples: ['deadletters drop 3xJd0vQ', 'deadletters drop 3xJd0vQ 9fKp2mA --yes'],
  async run(cli, ids, { yes = false, json = false, ...where }) {
    const { terminal } = cli
    if (
      !yes &&
      !(await isMeant(terminal, `Drop ${ids.length === 1 ? ids[0] : `${ids.length} letters`} for good? [y/N] `))
    )
      return 1
    return withReader(cli, { command: 'antiphon deadletters drop', ...where }, async ({ client }) => {
      const dropped = await Array.fromAsync(ids, (id) => client.inspector.deadLetters.drop(id))
      if (json) terminal.json(dropped)
      else for (const { id, to } of dropped) terminal.out(`${id} to ${to}: dropped`)
      return 0
    })
  },
})

async function isMeant({ read }: Terminal, question: string): Promise<boolean> {
  if (!read) throw new InvalidError('Dropped letters are gone for good.', { hint: 'Add --yes to confirm.' })
  const answer = await read(question, new AbortController().signal)
  return /^y(es)?$/i.test(answer?.trim() ?? '')
}

const retryCommand = command({
  name: 'retry',
  about: 'Send dead letters again. Exit code 1 if one fails again.',
  args: [['<id...>', 'ids of the letters']],
  options: [['--json', 'print the results as JSON']],
  at: 'server',
  examples: ['deadletters retry 3xJd0vQ', 'deadletters retry 3xJd0vQ 9fKp2mA --json'],
  run(cli, ids, { json = false, ...where }) {
    return withRuntime(cli, { command: 'antiphon deadletters retry', ...where }, async (session) => {
      const results: Retried[] = []
      for (const id of ids) {
        const result = await session.client.inspector.deadLetters.retry(id, session.signal)
        results.push(result)
        if (!json) cli.terminal.lines(retriedLines(id, result, session))
      }
      if (json) cli.terminal.json(results)
      return results.every(({ outcome }) => outcome === 'taken') ? 0 : 1
    })
  },
})

function retriedLines(
  before: string,
  { id, to, correlationId, outcome, problem }: Retried,
  { command }: Session,
): readonly string[] {
  switch (outcome) {
    case 'taken':
      return [`${before}: accepted by ${to}. To see its work: ${command('why', correlationId)}`]
    case 'failed':
      return [
        `${before}: failed again, ${problem?.code}: ${oneLine(problem?.message ?? '', 200)}`,
        `  now kept as ${id}`,
      ]
    case 'pending':
      return [`${before}: sent to ${to} as ${id}, not accepted yet. To see why: ${command('why', to)}`]
  }
}

export const deadLettersCommand = command({
  name: 'deadletters',
  about: 'List, retry and drop messages that failed for good.',
  commands: [listLettersCommand, showLetterCommand, retryCommand, dropCommand],
  examples: ['deadletters list', 'deadletters show ID', 'deadletters retry ID', 'deadletters drop ID --yes'],
})
