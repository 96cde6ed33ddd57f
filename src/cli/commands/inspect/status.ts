import { command, targetOf } from '../../cli.ts'
import { withReader } from '../../connect/reader.ts'
import { componentLines, componentsOf } from '../../render/components.ts'

const MAX_LISTED = 1000

export const statusCommand = command({
  name: 'status',
  about:
    'Show the health of each component. It prints one line each for memory, processing, actions and environment. Exit code 1: a component is degraded.',
  options: [['--json', 'print the components as JSON']],
  at: 'server',
  examples: ['status', 'status --json'],
  run(cli, options) {
    return withReader(cli, { command: 'antiphon status', ...targetOf(options) }, async ({ client }) => {
      const [of, pools, health, work, inbox, letters, notices, systems] = await Promise.all([
        client.status(),
        client.inspector.pools(),
        client.environments.health(),
        client.inspector.work(),
        client.inbox.list(),
        client.inspector.deadLetters.list({ limit: MAX_LISTED }),
        client.notices.list(),
        client.catalogue.health(),
      ])
      const counts = { inbox: inbox.length, deadLetters: letters.length, most: MAX_LISTED }
      const components = componentsOf({ status: of, pools, health, work, notices, systems, ...counts })
      const isHealthy = components.every((one) => one.health === 'ok')
      if (options.json) cli.terminal.json({ health: isHealthy ? 'ok' : 'degraded', components })
      else cli.terminal.lines(componentLines(components))
      return isHealthy ? 0 : 1
    })
  },
})
