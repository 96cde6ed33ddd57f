import { listCommand } from '../../client-command.ts'

export const hooksCommand = listCommand({
  name: 'hooks',
  about: 'List the webhooks that come in. Shows their addresses, their work, and a secret that is missing.',
  options: [['--json', 'print them as JSON']],
  examples: ['hooks', 'hooks --json'],
  // hooks are settings, so a folder without data has them, too
  opens: { creates: true, serve: false },
  ask: ({ hooks }) => hooks.list(),
  none: 'There are no hooks here. Define one in antiphon.yaml: hooks: { NAME: { verify, secret, … } }',
  head: ['NAME', 'VERIFY', 'OWNER', 'WORK', 'ADDRESS', 'STATUS'],
  row: ({ name, verify, owner, work, path, problem }) => [
    ...[name, verify, owner, work, `POST ${path}`, problem ?? 'ready'],
  ],
})
