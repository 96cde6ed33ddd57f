import type { HookDocument } from '../../../hook/room/port.ts'
import { command } from '../../command.ts'
import { withRuntime } from '../../connect/session.ts'
import { targetOf } from '../../connect/target.ts'
import { printJson } from '../../render/print.ts'
import { printTable } from '../../render/table.ts'
import type { Terminal } from '../../terminal/terminal.ts'

/** `hooks`: the webhooks that come in here. */
export const hooksCommand = command({
  name: 'hooks',
  about: 'List the webhooks that come in. Shows their addresses, their work, and a secret that is missing.',
  options: [['--json', 'print them as JSON']],
  at: 'server',
  examples: ['hooks', 'hooks --json'],
  run(cli, { json = false, ...options }) {
    const { terminal } = cli
    const show = (hooks: readonly HookDocument[]) => {
      if (json) printJson(terminal, hooks)
      else if (hooks.length === 0) terminal.say(NONE)
      else printHooks(terminal, hooks)
      return 0
    }
    // hooks are settings, so a folder without data has them, too
    const session = { command: 'antiphon hooks', creates: true, serve: false, ...targetOf(options) }
    return withRuntime(cli, session, async ({ client }) => show(await client.hooks.list()))
  },
})

const NONE = 'There are no hooks here. Define one in antiphon.yaml: hooks: { NAME: { verify, secret, … } }'

function printHooks(terminal: Terminal, hooks: readonly HookDocument[]): void {
  const rows = hooks.map(({ name, verify, owner, work, path, problem }) => [
    ...[name, verify, owner, work, `POST ${path}`, problem ?? 'ready'],
  ])
  printTable(terminal, ['NAME', 'VERIFY', 'OWNER', 'WORK', 'ADDRESS', 'STATUS'], rows)
}
